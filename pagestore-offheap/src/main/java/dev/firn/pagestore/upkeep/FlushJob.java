package dev.firn.pagestore.upkeep;

import dev.firn.pagestore.manifest.Manifest.Hold;
import dev.firn.pagestore.memory.MemoryTableScan;
import java.util.ArrayList;
import java.util.List;

/** Makes layers of a frozen memory table, with images where a page's chain of changes is long, and pages where a record makes several. */
final class FlushJob implements Job {
    private final UpkeepLink.Order.Flush order;
    private final long oldestLsn;
    private final MemoryTableScan entries;
    private final SeparatedPages separated;
    private final BoundedChains bounded;
    private final LayerOutput output;

    /**
     * @param oldestLsn from where on reads are to be answered when the layers are there.
     * @throws dev.firn.nativeio.memory.OutOfOffHeapMemoryException when there is no room for sorting.
     */
    FlushJob(
            final UpkeepLink.Order.Flush order,
            final LayerOutput.OutputContext context,
            final String timeline,
            final long oldestLsn,
            final PageChain.Rebuilding rebuilding) {
        this.order = order;
        this.oldestLsn = oldestLsn;
        this.entries = order.table().sorted();
        SeparatedPages pages = null;
        BoundedChains chains = null;
        try {
            pages = new SeparatedPages(entries, rebuilding.builder(), context.memory());
            chains = new BoundedChains(
                    pages,
                    order.table().payloadSegment(),
                    order.table().startLsn(),
                    context.config().maxDeltas(),
                    context.memory(),
                    rebuilding);
        } finally {
            if (chains == null) {
                if (pages != null) {
                    pages.close();
                }
                entries.close();
            }
        }
        this.separated = pages;
        this.bounded = chains;
        this.output = LayerOutput.ofDeltas(
                context,
                timeline,
                bounded,
                order.table().startLsn(),
                order.table().endLsn());
    }

    @Override
    public int work(final int limit) {
        return output.work(limit);
    }

    @Override
    public State state() {
        return LayerOutput.stateOf(output);
    }

    @Override
    public String failure() {
        return output.failure();
    }

    @Override
    public ManifestKeeper.Edit edit() {
        final List<Hold> holds = new ArrayList<>();
        for (final long lsn : order.copyLsns()) {
            holds.add(new Hold("copy at " + Long.toHexString(lsn), lsn, Long.MAX_VALUE));
        }
        return ManifestKeeper.Edit.ofFlush(output.written(), order.uploadedLsn(), oldestLsn, holds);
    }

    @Override
    public void endUpload() {
        output.endUpload();
    }

    @Override
    public void close() {
        output.close();
        bounded.close();
        separated.close();
        entries.close();
    }
}
