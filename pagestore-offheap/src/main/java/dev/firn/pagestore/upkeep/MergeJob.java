package dev.firn.pagestore.upkeep;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.layer.LayerDescription;
import dev.firn.pagestore.layer.LayerName;
import dev.firn.pagestore.layer.LayerReadException;
import dev.firn.pagestore.layer.MalformedLayerException;
import dev.firn.pagestore.layer.MergedEntries;
import dev.firn.pagestore.layer.ReadableLsns;
import dev.firn.pagestore.layer.RetainedEntries;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Makes one run of several that follow one another, without what no read needs any more, and with images where a page's chain of changes is long. */
final class MergeJob implements Job {
    private final List<LayerDescription> inputs;
    private final LayerScans scans;
    private final LayerOutput.OutputContext context;
    private final String timeline;
    private final ReadableLsns readable;
    private final OffHeapMemory memory;
    private final PageChain.Rebuilding rebuilding;
    private RetainedEntries retained;
    private BoundedChains bounded;
    private LayerOutput output;
    private String failure;

    MergeJob(
            final List<LayerDescription> chosen,
            final LayerOutput.OutputContext context,
            final LayerScans.ScanContext scanContext,
            final String timeline,
            final ReadableLsns readable,
            final PageChain.Rebuilding rebuilding) {
        this.inputs = chosen.stream()
                .sorted(Comparator.comparingLong(LayerDescription::toLsn))
                .toList();
        this.context = context;
        this.timeline = timeline;
        this.readable = readable;
        this.rebuilding = rebuilding;
        this.memory = context.memory();
        this.scans = new LayerScans(scanContext, timeline, inputs, null);
    }

    @Override
    public int work(final int limit) {
        if (failure != null) {
            return 0;
        }
        try {
            if (output != null) {
                return output.work(limit);
            }
            final int done = scans.work();
            switch (scans.state()) {
                case OPEN -> begin();
                case FAILED -> failure = scans.failure();
                case OPENING -> {}
            }
            return done;
        } catch (final LayerReadException | MalformedLayerException e) {
            failure = e.getMessage();
            return 1;
        }
    }

    private void begin() {
        retained = new RetainedEntries(
                new MergedEntries(scans.scans()),
                readable,
                RetainedEntries.Floors.NONE,
                memory,
                context.config().heldBytes());
        final long fromLsn =
                inputs.stream().mapToLong(LayerDescription::fromLsn).min().orElseThrow();
        bounded = new BoundedChains(retained, null, fromLsn, context.config().maxDeltas(), memory, rebuilding);
        output = LayerOutput.ofDeltas(
                context, timeline, bounded, fromLsn, inputs.getLast().toLsn());
    }

    @Override
    public State state() {
        return failure != null ? State.FAILED : LayerOutput.stateOf(output);
    }

    @Override
    public String failure() {
        return failure != null ? failure : output.failure();
    }

    @Override
    public ManifestKeeper.Edit edit() {
        final Set<LayerName> removed = new HashSet<>();
        inputs.forEach(layer -> removed.add(layer.name()));
        return ManifestKeeper.Edit.ofLayers(removed, output.written());
    }

    @Override
    public void endUpload() {
        if (output != null) {
            output.endUpload();
        }
    }

    @Override
    public void close() {
        if (output != null) {
            output.close();
        }
        if (bounded != null) {
            bounded.close();
        }
        if (retained != null) {
            retained.close();
        }
        scans.close();
    }
}
