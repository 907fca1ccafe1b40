package dev.firn.server.endpoint;

import dev.firn.s3tier.store.StoreCounters;
import dev.firn.server.objectstore.StoreProbeListener;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** The metrics of the object store: what its counters say, all of which begin with {@code firn_store_}. Thread-safe. */
final class StoreMetrics implements StoreProbeListener {
    private static final double NANOS_A_SECOND = 1e9;

    /** From 1 ms, a local directory, to 16 s, beyond the deadline of a call. */
    private static final double FIRST_BUCKET_SECONDS = 1e-3;

    private static final int BUCKETS = 15;

    private final Histogram proofSeconds;
    private final Counter proofFailures;
    private final Counter sweptUploads;

    StoreMetrics(final PrometheusRegistry registry, final Supplier<SystemSnapshot> snapshots) {
        proofSeconds = Histogram.builder()
                .name("firn_store_probe_seconds")
                .help("Time to put, get and delete an object of 4 KiB, by the store role's probe.")
                .unit(Unit.SECONDS)
                .classicOnly()
                .classicExponentialUpperBounds(FIRST_BUCKET_SECONDS, 2, BUCKETS)
                .register(registry);
        proofFailures = Counter.builder()
                .name("firn_store_probe_failures_total")
                .help("Probes of the store role that failed.")
                .register(registry);
        sweptUploads = Counter.builder()
                .name("firn_store_uploads_swept_total")
                .help("Uploads that nobody finished, aborted by the store role.")
                .register(registry);
        final Registrar counters = new Registrar(registry, snapshots);
        counters.add("firn_store_calls_total", "Calls to the object store.", StoreCounters::calls);
        counters.add(
                "firn_store_failures_total",
                "Calls to the object store that failed, or of which nobody can say whether they took effect.",
                StoreCounters::failures);
        counters.add(
                "firn_store_attempts_total",
                "Requests sent to the object store, each attempt counted.",
                StoreCounters::attempts);
        counters.add("firn_store_retries_total", "Attempts that were not the first.", StoreCounters::retries);
        counters.add(
                "firn_store_retries_denied_total",
                "Retries that the retry budget did not allow.",
                StoreCounters::retriesDenied);
        counters.add(
                "firn_store_circuit_opened_total",
                "How often so much failed that nothing was sent for a while.",
                StoreCounters::circuitOpened);
        counters.add(
                "firn_store_ambiguous_writes_total",
                "Writes of which an attempt ended without saying whether it took effect.",
                StoreCounters::ambiguousWrites);
        counters.add(
                "firn_store_ambiguous_writes_resolved_total",
                "Those of which it was found out.",
                StoreCounters::ambiguousResolved);
        counters.add(
                "firn_store_sent_bytes_total",
                "Bytes of bodies handed to the object store, retries included.",
                StoreCounters::bytesSent);
        counters.add("firn_store_received_bytes_total", "Bytes of objects read.", StoreCounters::bytesReceived);
        registerAttemptFailures(registry, snapshots);
    }

    private static void registerAttemptFailures(
            final PrometheusRegistry registry, final Supplier<SystemSnapshot> snapshots) {
        CounterWithCallback.builder()
                .name("firn_store_attempt_failures_total")
                .help("Attempts that the store slowed down, that took too long, or whose bytes were damaged.")
                .labelNames("kind")
                .callback(callback -> {
                    final StoreCounters counters = snapshots.get().store().counters();
                    if (counters != null) {
                        callback.call(counters.throttled(), "throttled");
                        callback.call(counters.timedOut(), "timed-out");
                        callback.call(counters.corruptions(), "corrupt");
                    }
                })
                .register(registry);
    }

    private record Registrar(PrometheusRegistry registry, Supplier<SystemSnapshot> snapshots) {
        /** Shows one of the store's own counters; 0 before the store is open. */
        void add(final String name, final String help, final ToLongFunction<StoreCounters> reading) {
            CounterWithCallback.builder()
                    .name(name)
                    .help(help)
                    .callback(callback -> {
                        final StoreCounters counters = snapshots.get().store().counters();
                        callback.call(counters == null ? 0 : reading.applyAsLong(counters));
                    })
                    .register(registry);
        }
    }

    @Override
    public void onProof(final long durationNs) {
        proofSeconds.observe(durationNs / NANOS_A_SECOND);
    }

    @Override
    public void onFailure() {
        proofFailures.inc();
    }

    @Override
    public void onSweep(final int abortedUploads) {
        sweptUploads.inc(abortedUploads);
    }
}
