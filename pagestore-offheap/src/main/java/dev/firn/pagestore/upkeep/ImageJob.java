package dev.firn.pagestore.upkeep;

import dev.firn.pagestore.layer.LayerReadException;
import dev.firn.pagestore.layer.MalformedLayerException;
import dev.firn.pagestore.layer.MergedEntries;
import dev.firn.pagestore.rebuild.DamagedStoreException;
import java.util.Set;

/** Makes images, at one LSN, of the pages of a key range that have changed since the base backup, or the branch: as many layers as a job may. */
final class ImageJob implements Job {
    private final ImagePolicy.Plan plan;
    private final LayerScans scans;
    private final LayerOutput.OutputContext context;
    private final String timeline;
    private final PageChain.Rebuilding rebuilding;
    private PageImages entries;
    private LayerOutput output;
    private String failure;

    ImageJob(
            final ImagePolicy.Plan plan,
            final LayerOutput.OutputContext context,
            final LayerScans.ScanContext scanContext,
            final String timeline,
            final PageChain.Rebuilding rebuilding) {
        this.plan = plan;
        this.context = context;
        this.timeline = timeline;
        this.rebuilding = rebuilding;
        this.scans = new LayerScans(scanContext, timeline, plan.inputs(), plan.keys());
    }

    @Override
    public int work(final int limit) {
        if (failure != null) {
            return 0;
        }
        try {
            if (output != null) {
                final int done = output.work(limit);
                failure = entries.failure();
                return done;
            }
            final int done = scans.work();
            switch (scans.state()) {
                case OPEN -> begin();
                case FAILED -> failure = scans.failure();
                case OPENING -> {}
            }
            return done;
        } catch (final LayerReadException | MalformedLayerException | DamagedStoreException e) {
            failure = e.getMessage();
            return 1;
        }
    }

    private void begin() {
        entries = new PageImages(
                new MergedEntries(scans.scans()),
                plan.lsn(),
                context.config().imageReads(),
                context.memory(),
                rebuilding);
        output = LayerOutput.ofImages(context, timeline, entries, plan.lsn(), plan.keys());
    }

    @Override
    public State state() {
        return failure != null ? State.FAILED : LayerOutput.stateOf(output);
    }

    @Override
    public String failure() {
        return failure != null ? failure : output.failure();
    }

    /** Whether there was no page at all. */
    boolean isEmpty() {
        return output.written().isEmpty();
    }

    long lsn() {
        return plan.lsn();
    }

    @Override
    public ManifestKeeper.Edit edit() {
        return ManifestKeeper.Edit.ofLayers(Set.of(), output.written());
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
        if (entries != null) {
            entries.close();
        }
        scans.close();
    }
}
