package dev.firn.pagestore.upkeep;

import dev.firn.nativeio.memory.OutOfOffHeapMemoryException;
import dev.firn.nativeio.seam.Clock;
import dev.firn.pagestore.layer.LayerDescription;
import dev.firn.pagestore.layer.LayerName;
import dev.firn.pagestore.layer.ReadableLsns;
import dev.firn.pagestore.manifest.Manifest;
import dev.firn.pagestore.manifest.Manifest.Hold;
import dev.firn.pagestore.upkeep.UpkeepLink.Order;
import dev.firn.pagestore.upkeep.UpkeepLink.Report;
import dev.firn.postgres.lsn.Lsn;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The upkeep of one timeline of which this is the owner. Two jobs at most are under way: a flush, and one that works on layers. What a job has
 * made counts when the manifest says so; what a manifest no longer names is removed when no read goes through it any more. Belongs to the housekeeper.
 */
final class TimelineUpkeep implements ManifestKeeper.Listener {
    /** Most holds of a timeline: each takes a line in its manifest. */
    static final int MAX_HOLDS = 4_096;

    private final int number;
    private final String name;
    private final UpkeepConfig config;
    private final Clock clock;
    private final LayerOutput.OutputContext outputs;
    private final LayerScans.ScanContext scans;
    private final ManifestKeeper keeper;
    private final ObjectRemoval removal;
    private final Consumer<Report> reports;
    private final PageChain.Rebuilding rebuilding;
    private final History history;
    private final ArrayDeque<Order.Flush> frozen = new ArrayDeque<>();
    private Job flush;
    private Job layerJob;
    private long flushNotBeforeNs;
    private long layersNotBeforeNs;
    private boolean deposed;
    private boolean closing;

    /** Whether the layers have changed, or something failed, since it was asked what to do with them. */
    private boolean layersChanged = true;

    /** Up to here there was nothing to make an image of, as all pages that had changed were dropped. */
    private long noPagesUpToLsn;

    private long debtBytes;

    /**
     * Runs of delta layers with pages. A memory table that waits holds ingest up, and a merge that is late costs reads a look-up: so a flush comes first,
     * until the runs are half as many as may be.
     */
    private int pageRuns;

    /** What keeps something from being done, or did the last time; empty for nothing. */
    private String trouble = "";

    TimelineUpkeep(
            final int number,
            final ManifestKeeperFactory keepers,
            final UpkeepConfig config,
            final Clock clock,
            final LayerOutput.OutputContext outputs,
            final LayerScans.ScanContext scans,
            final Consumer<Report> reports,
            final PageChain.Rebuilding rebuilding) {
        this.number = number;
        this.config = config;
        this.clock = clock;
        this.outputs = outputs;
        this.scans = scans;
        this.reports = reports;
        this.rebuilding = rebuilding;
        this.keeper = keepers.make(this);
        this.name = keeper.current().timeline();
        this.pageRuns = MergePolicy.pageRuns(keeper.current().layers());
        this.removal = new ObjectRemoval(outputs.session(), config, clock, name, keeper::current);
        this.history = new History(config.historyNs());
        this.flushNotBeforeNs = clock.nanoTime();
        this.layersNotBeforeNs = clock.nanoTime();
        if (keeper.current().uploadedLsn() == 0) {
            forgetImport();
        }
    }

    /** What an owner before had imported in part is imported again. */
    private void forgetImport() {
        final Set<LayerName> parts = new HashSet<>();
        keeper.current().layers().forEach(layer -> parts.add(layer.name()));
        if (!parts.isEmpty()) {
            keeper.submit(ManifestKeeper.Edit.ofLayers(parts, List.of()));
        }
    }

    /** Makes the keeper that speaks to its timeline. */
    @FunctionalInterface
    interface ManifestKeeperFactory {
        ManifestKeeper make(ManifestKeeper.Listener listener);
    }

    void flush(final Order.Flush order) {
        frozen.add(order);
    }

    void released(final List<LayerName> layers) {
        if (!deposed) {
            removal.remove(layers);
        }
    }

    void hold(final Hold hold, final long token) {
        if (keeper.current().holds().contains(hold)) {
            reports.accept(new Report.Held(number, token, null));
            return;
        }
        if (hold.lsn() < keeper.oldestLsn() && keeper.holders(hold.lsn()) == 0) {
            reports.accept(
                    new Report.Held(number, token, Lsn.format(hold.lsn()) + " of " + name + " is not kept any more"));
            return;
        }
        if (keeper.current().holds().size() >= MAX_HOLDS && !keeper.isHolder(hold.holder())) {
            reports.accept(new Report.Held(
                    number, token, "so many as " + MAX_HOLDS + " readers and branches keep LSNs of " + name));
            return;
        }
        keeper.submit(ManifestKeeper.Edit.ofHold(hold, token));
    }

    void letGo(final String holder) {
        keeper.submit(ManifestKeeper.Edit.ofLetGo(holder));
    }

    /** Its jobs end with the next {@link #work}. */
    void close() {
        closing = true;
        if (flush != null) {
            flush.endUpload();
        }
        if (layerJob != null) {
            layerJob.endUpload();
        }
    }

    /** Whether nothing is under way, after a close or the loss of the timeline. */
    boolean isOver() {
        return (closing || deposed) && flush == null && layerJob == null && removal.isIdle() && !keeper.isWaiting();
    }

    int work() {
        if (deposed || closing) {
            return end();
        }
        if (keeper.isIdle() && keeper.endsAHold()) {
            keeper.submit(ManifestKeeper.Edit.ofLayers(Set.of(), List.of()));
        }
        final int done = keeper.work() + removal.work();
        final int flushed = workFlush();
        // A flush that waits, for the store or for memory, which layers' jobs may hold, keeps nobody from working.
        return done + flushed + (flushed == 0 || pageRuns > config.maxRuns() / 2 ? workLayers() : 0);
    }

    private int end() {
        if (flush != null) {
            flush.close();
            flush = null;
        }
        if (layerJob != null) {
            layerJob.close();
            layerJob = null;
        }
        return 0;
    }

    private int workFlush() {
        if (flush == null) {
            if (frozen.isEmpty() || clock.nanoTime() - flushNotBeforeNs < 0 || pageRuns >= config.maxRuns()) {
                return 0;
            }
            final Order.Flush order = frozen.peek();
            history.mark(order.epochNs(), order.uploadedLsn());
            final long oldest = Math.max(keeper.oldestLsn(), history.oldestLsn(clock.epochNs()));
            try {
                flush = new FlushJob(order, outputs, name, oldest, rebuilding);
            } catch (final OutOfOffHeapMemoryException e) {
                onTrouble(e.getMessage());
                flushNotBeforeNs = clock.nanoTime() + config.retryNs();
                return 0;
            }
        }
        final int done = flush.work(config.stepsACycle());
        if (flush.state() == Job.State.DONE) {
            keeper.submit(flush.edit());
            frozen.poll();
            flush.close();
            flush = null;
        } else if (flush.state() == Job.State.FAILED) {
            onTrouble(flush.failure());
            flush.close();
            flush = null;
            flushNotBeforeNs = clock.nanoTime() + config.retryNs();
        }
        return done;
    }

    private int workLayers() {
        if (layerJob == null) {
            if (!layersChanged || clock.nanoTime() - layersNotBeforeNs < 0 || !keeper.isIdle()) {
                return 0;
            }
            layersChanged = false;
            layerJob = nextJob();
            if (layerJob == null) {
                return 0;
            }
        }
        final int done = layerJob.work(config.stepsACycle());
        if (layerJob.state() == Job.State.DONE) {
            if (layerJob instanceof ImageJob images && images.isEmpty()) {
                noPagesUpToLsn = images.lsn();
            }
            keeper.submit(layerJob.edit());
            layerJob.close();
            layerJob = null;
        } else if (layerJob.state() == Job.State.FAILED) {
            onTrouble(layerJob.failure());
            layerJob.close();
            layerJob = null;
            layersChanged = true;
            layersNotBeforeNs = clock.nanoTime() + config.retryNs();
        }
        return done;
    }

    /** What to do next with the layers; only when all edits are stored, so that no two speak of the same layers. */
    private Job nextJob() {
        final Manifest manifest = keeper.current();
        final ReadableLsns readable = readable(manifest);
        final Set<LayerName> unneeded = Collection.unneeded(manifest.layers(), readable);
        if (!unneeded.isEmpty()) {
            keeper.submit(ManifestKeeper.Edit.ofLayers(unneeded, List.of()));
            return null;
        }
        final List<LayerDescription> chosen =
                MergePolicy.choose(manifest.layers(), config.mergeRuns(), config.maxRuns());
        if (!chosen.isEmpty()) {
            return new MergeJob(chosen, outputs, scans, name, readable, rebuilding);
        }
        final ImagePolicy.Plan plan = ImagePolicy.plan(manifest, config, noPagesUpToLsn);
        return plan == null ? null : new ImageJob(plan, outputs, scans, name, rebuilding);
    }

    private ReadableLsns readable(final Manifest manifest) {
        return ReadableLsns.from(
                manifest.oldestLsn(),
                manifest.holds().stream().mapToLong(Hold::lsn).toArray());
    }

    @Override
    public void onStored(final Manifest manifest, final List<ManifestKeeper.Edit> edits) {
        onTrouble("");
        layersChanged = true;
        removal.stored(manifest);
        debtBytes = MergePolicy.debtBytes(manifest.layers(), config.mergeRuns());
        pageRuns = MergePolicy.pageRuns(manifest.layers());
        int tables = 0;
        for (final ManifestKeeper.Edit edit : edits) {
            tables += edit.tables();
        }
        reports.accept(new Report.Installed(number, manifest, tables));
        for (final ManifestKeeper.Edit edit : edits) {
            if (edit.token() != 0) {
                reports.accept(new Report.Held(number, edit.token(), null));
            }
        }
    }

    @Override
    public void onDeposed(final long byEpoch) {
        deposed = true;
        reports.accept(new Report.Deposed(number, byEpoch));
    }

    /** Said once: it is tried again and again. */
    @Override
    public void onTrouble(final String sentence) {
        if (!sentence.equals(trouble)) {
            trouble = sentence;
            reports.accept(new Report.Troubled(number, sentence));
        }
    }

    /** Nothing of it can be made right here, and what others have of it is left alone: as when it is another owner's. */
    @Override
    public void onLost(final String sentence) {
        deposed = true;
        reports.accept(new Report.Refused(number, sentence));
    }

    /** Whether all is done that is to be done now. */
    boolean isIdle() {
        return flush == null && frozen.isEmpty() && layerJob == null && keeper.isIdle() && !layersChanged;
    }

    int number() {
        return number;
    }

    long debtBytes() {
        return debtBytes;
    }

    /** Once {@link #isOver}, or when all ends. */
    void release() {
        keeper.close();
    }
}
