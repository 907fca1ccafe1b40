package dev.firn.pagestore.simulation;

import dev.firn.pagestore.layer.LayerDescription;
import dev.firn.pagestore.manifest.Manifest;
import dev.firn.pagestore.manifest.ManifestCodec;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.HeadOutcome;
import dev.firn.s3tier.store.ListOutcome;
import dev.firn.s3tier.store.ListRequest;
import dev.firn.s3tier.store.MultipartUpload;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.OutcomeHandler;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.RangeTarget;
import dev.firn.s3tier.store.StoreCall;
import dev.firn.s3tier.store.StoreCounters;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.SweepOutcome;
import dev.firn.s3tier.store.WriteCondition;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** A store that does to manifests and layers what a flaw says. */
final class Sabotage implements ObjectStore {
    private static final Pattern EPOCH = Pattern.compile("/pages/[0-9a-f]{16}-");

    private final PageWorld world;
    private final ObjectStore store;

    private Sabotage(final PageWorld world, final ObjectStore store) {
        this.world = world;
        this.store = store;
    }

    /** The store as the flaw has it. */
    static ObjectStore of(final PageWorld world, final ObjectStore store) {
        return switch (world.flaw()) {
            case TRIM_SENT, DELETE_BEFORE_MANIFEST, REUSE_NAMES -> new Sabotage(world, store);
            default -> store;
        };
    }

    @Override
    public String describe() {
        return store.describe();
    }

    @Override
    public StoreLimits limits() {
        return store.limits();
    }

    @Override
    public StoreCounters counters() {
        return store.counters();
    }

    @Override
    public String addressOf(final String key) {
        return store.addressOf(key);
    }

    @Override
    public StoreSession openSession() {
        return new Session(store.openSession());
    }

    @Override
    public void close() {
        store.close();
    }

    private final class Session implements StoreSession {
        private final StoreSession session;

        /** What manifests named that were sent last. */
        private final Map<String, Manifest> sent = new HashMap<>();

        Session(final StoreSession session) {
            this.session = session;
        }

        @Override
        public StoreCall put(
                final String key,
                final List<MemorySegment> body,
                final WriteCondition condition,
                final CallOptions options,
                final OutcomeHandler<? super PutOutcome> handler) {
            if (key.endsWith("/manifest")) {
                onManifest(ManifestCodec.decode(body.getFirst().toArray(ValueLayout.JAVA_BYTE)), options);
                return session.put(key, body, condition, options, handler);
            }
            return session.put(name(key), body, condition(condition), options, handler);
        }

        private void onManifest(final Manifest manifest, final CallOptions options) {
            if (world.flaw() == Flaw.TRIM_SENT) {
                world.log(manifest.timeline()).trim(manifest.uploadedLsn());
            }
            final Manifest before = sent.put(manifest.timeline(), manifest);
            if (world.flaw() == Flaw.DELETE_BEFORE_MANIFEST && before != null) {
                final List<String> gone = new ArrayList<>();
                for (final LayerDescription layer : before.layers()) {
                    if (!manifest.layers().contains(layer)) {
                        gone.add(layer.name().key(manifest.timeline()));
                    }
                }
                if (!gone.isEmpty()) {
                    session.deleteAll(gone, options, outcome -> {});
                }
            }
        }

        @Override
        public MultipartUpload openUpload(final String key, final WriteCondition condition) {
            return session.openUpload(name(key), condition(condition));
        }

        private String name(final String key) {
            return world.flaw() == Flaw.REUSE_NAMES ? EPOCH.matcher(key).replaceFirst("/pages/0000000000000001-") : key;
        }

        private WriteCondition condition(final WriteCondition condition) {
            return world.flaw() == Flaw.REUSE_NAMES ? WriteCondition.ALWAYS : condition;
        }

        @Override
        public StoreCall get(
                final String key,
                final long offset,
                final MemorySegment into,
                final ObjectVersion version,
                final CallOptions options,
                final OutcomeHandler<? super GetOutcome> handler) {
            return session.get(name(key), offset, into, version, options, handler);
        }

        @Override
        public StoreCall getRanges(
                final String key,
                final List<RangeTarget> ranges,
                final ObjectVersion version,
                final CallOptions options,
                final OutcomeHandler<? super GetOutcome> handler) {
            return session.getRanges(name(key), ranges, version, options, handler);
        }

        @Override
        public StoreCall head(
                final String key, final CallOptions options, final OutcomeHandler<? super HeadOutcome> handler) {
            return session.head(name(key), options, handler);
        }

        @Override
        public StoreCall list(
                final ListRequest request,
                final CallOptions options,
                final OutcomeHandler<? super ListOutcome> handler) {
            return session.list(request, options, handler);
        }

        @Override
        public StoreCall delete(
                final String key, final CallOptions options, final OutcomeHandler<? super DeleteOutcome> handler) {
            return session.delete(name(key), options, handler);
        }

        @Override
        public StoreCall deleteAll(
                final List<String> keys,
                final CallOptions options,
                final OutcomeHandler<? super DeleteOutcome> handler) {
            return session.deleteAll(keys.stream().map(this::name).toList(), options, handler);
        }

        @Override
        public StoreCall abortStaleUploads(
                final String prefix,
                final long olderThanNs,
                final CallOptions options,
                final OutcomeHandler<? super SweepOutcome> handler) {
            return session.abortStaleUploads(prefix, olderThanNs, options, handler);
        }

        @Override
        public int room() {
            return session.room();
        }

        @Override
        public int inFlight() {
            return session.inFlight();
        }

        @Override
        public int poll(final int limit) {
            return session.poll(limit);
        }

        @Override
        public void close() {
            session.close();
        }
    }
}
