package dev.firn.pagestore.timeline;

import dev.firn.nvmecache.ObjectId;
import dev.firn.nvmecache.reader.CachedObject;
import dev.firn.pagestore.ingest.IngestException;
import dev.firn.pagestore.key.Entry;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.layer.LayerDescription;
import dev.firn.pagestore.manifest.Manifest;
import dev.firn.pagestore.rebuild.PageBuilder;
import dev.firn.pagestore.upkeep.LayerScans;
import java.util.List;

/**
 * Brings a timeline from its claimed manifest to where it takes WAL: with what its base backup says, or with what its layers, and those of its parents,
 * have of sizes and floors. Belongs to the shard's thread.
 */
final class TimelineOpening {
    private static final int ENTRIES_A_STEP = 4_096;

    /** All that a head state is loaded from. */
    private static final KeyRange STATE = KeyRange.of(KeyClass.DATABASE_FLOOR, KeyClass.COMMIT_TIME);

    private final ShardContext context;
    private final LayerScans.ScanContext scans;
    private final Frozen frozen;

    /** Takes frozen memory tables of any timeline. */
    @FunctionalInterface
    interface Frozen {
        void onFrozen(HostedTimeline hosted, HeldTable table, long uploadedLsn);
    }

    TimelineOpening(final ShardContext context, final LayerScans.ScanContext scans, final Frozen frozen) {
        this.context = context;
        this.scans = scans;
        this.frozen = frozen;
    }

    /** What a timeline begins with that has no manifest. */
    static Manifest first(final TimelineSpec spec) {
        return new Manifest(
                spec.name(),
                0,
                0,
                0,
                spec.branchLsn(),
                spec.parent(),
                spec.branchLsn(),
                spec.baseBackup(),
                spec.isBranch() ? spec.branchLsn() : spec.base().consistentLsn(),
                List.of(),
                List.of());
    }

    /** The manifest is this owner's. */
    void opened(final HostedTimeline hosted, final Manifest manifest, final PageBuilder builder, final KeyReads reads) {
        final TimelineSpec spec = hosted.spec;
        hosted.manifest = manifest;
        hosted.timeline = new Timeline(
                hosted.number,
                spec.name(),
                hosted.parent == null ? null : hosted.parent.timeline,
                spec.branchLsn(),
                input(spec),
                spec.isBranch()
                        ? null
                        : new BaseFilePages(
                                spec.base(), () -> hosted.timeline.input().dataChecksums(), reads.counters()),
                builder,
                reads.indexes(),
                description -> openLayer(spec.name(), description));
        hosted.ingest = new TimelineIngest(
                hosted.timeline,
                context.config(),
                context.memory(),
                context.clock(),
                new LongChains(context.config().imageReads()),
                (table, uploaded) -> frozen.onFrozen(hosted, table, uploaded));
        if (manifest.uploadedLsn() == 0) {
            hosted.ingest.beginImport(spec.base().startLsn());
            hosted.state = TimelineState.IMPORTING;
        } else {
            hosted.timeline.install(manifest.layers(), 0);
            hosted.state = TimelineState.LOADING;
        }
    }

    private TimelineInput input(final TimelineSpec spec) {
        return context.inputs().open(spec, context.memory(), context.config().maxDeltas());
    }

    private OpenLayer openLayer(final String timeline, final LayerDescription description) {
        final String key = description.name().key(timeline);
        final ObjectId id = ObjectId.of(context.store().addressOf(key), Integer.toHexString(description.checksum()));
        return new OpenLayer(timeline, description, new CachedObject(id, key, null, description.lengthBytes(), 0));
    }

    /** Goes on; returns how much was done. */
    int work(final HostedTimeline hosted) {
        try {
            return switch (hosted.state) {
                case LOADING -> load(hosted);
                case IMPORTING -> importBase(hosted);
                default -> 0;
            };
        } catch (final IngestException e) {
            hosted.fail(TimelineState.REFUSED, e.getMessage());
            return 1;
        }
    }

    private int importBase(final HostedTimeline hosted) {
        if (!hosted.ingest.importOn()) {
            return 0;
        }
        live(hosted, hosted.spec.base().startLsn());
        return 1;
    }

    private int load(final HostedTimeline hosted) {
        if (hosted.loading == null) {
            try {
                hosted.loading = new EntryScan(
                        scans, hosted.timeline, STATE, hosted.manifest.uploadedLsn(), entry -> load(hosted, entry));
            } catch (final NoScanRoomException e) {
                hosted.message = e.getMessage();
                return 0;
            }
        }
        final int done = hosted.loading.work(ENTRIES_A_STEP);
        switch (hosted.loading.state()) {
            case GOING -> {}
            case DONE -> {
                hosted.loading.close();
                hosted.loading = null;
                hosted.timeline.input().loaded();
                live(hosted, hosted.manifest.uploadedLsn());
            }
            case FAILED -> {
                final boolean damaged = hosted.loading.isDamaged();
                hosted.message = hosted.loading.failure();
                hosted.loading.close();
                hosted.loading = null;
                // The store may give it the next time; the head state is begun anew then.
                hosted.state = damaged ? TimelineState.REFUSED : TimelineState.LOADING;
                hosted.timeline.input(input(hosted.spec));
            }
        }
        return done;
    }

    private static boolean load(final HostedTimeline hosted, final Entry entry) {
        hosted.timeline.input().load(entry);
        return true;
    }

    private static void live(final HostedTimeline hosted, final long fromLsn) {
        hosted.ingest.beginIngest(fromLsn);
        hosted.state = TimelineState.LIVE;
        hosted.hasAnswered = true;
        hosted.message = "";
    }
}
