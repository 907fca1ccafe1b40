package dev.firn.server.endpoint;

import dev.firn.server.objectstore.StoreProbeListener;
import dev.firn.server.role.RoleStatus;
import dev.firn.server.storage.ProbeListener;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The metrics of one running process: those of the JVM, and Firn's own, all of which begin with {@code firn_}. Thread-safe.
 */
public final class SystemMetrics implements ProbeListener {
    private static final double NANOS_A_SECOND = 1e9;

    /** From 50 µs, an NVMe device with a protected write cache, to 26 s, a disk that is about to be lost. */
    private static final double FIRST_BUCKET_SECONDS = 50e-6;

    private static final int BUCKETS = 20;

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final ExpositionFormats formats = ExpositionFormats.init();
    private final Histogram flushSeconds;
    private final Counter probeFailures;
    private final Info ringInfo;
    private final StoreMetrics store;

    /**
     * @param snapshots the process as it is at the moment of the call.
     * @param probes whether it has the roles that probe disk and store.
     */
    public SystemMetrics(
            final String version,
            final Path directory,
            final Supplier<SystemSnapshot> snapshots,
            final boolean probes) {
        JvmMetrics.builder().register(registry);
        Info.builder()
                .name("firn_build_info")
                .help("The version of firn.")
                .labelNames("version")
                .register(registry)
                .addLabelValues(version);
        gauge(
                "firn_start_time_seconds",
                "When this process was started, seconds since 1970.",
                () -> snapshots.get().startedEpochNs() / NANOS_A_SECOND);
        registerRoles(snapshots);
        registerMemory(snapshots);
        registerDisk(directory);
        registry.register(new QuorumMetrics(snapshots));
        if (!probes) {
            ringInfo = null;
            flushSeconds = null;
            probeFailures = null;
            store = null;
            return;
        }
        ringInfo = Info.builder()
                .name("firn_ring_info")
                .help("The back end of the storage role's ring, and whether files bypass the page cache.")
                .labelNames("ring", "direct")
                .register(registry);
        flushSeconds = Histogram.builder()
                .name("firn_storage_flush_seconds")
                .help("Time to write 4 KiB to the data directory and make it durable, by the storage role's probe.")
                .unit(Unit.SECONDS)
                .classicOnly()
                .classicExponentialUpperBounds(FIRST_BUCKET_SECONDS, 2, BUCKETS)
                .register(registry);
        probeFailures = Counter.builder()
                .name("firn_storage_probe_failures_total")
                .help("Probes of the storage role that failed.")
                .register(registry);
        store = new StoreMetrics(registry, snapshots);
    }

    /** Hears what the store role finds. */
    public StoreProbeListener storeListener() {
        return store;
    }

    private void registerRoles(final Supplier<SystemSnapshot> snapshots) {
        GaugeWithCallback.builder()
                .name("firn_role_up")
                .help("1 while the role serves, else 0.")
                .labelNames("role")
                .callback(callback -> forEachRole(snapshots, role -> callback.call(role.serves() ? 1 : 0, role.name())))
                .register(registry);
        CounterWithCallback.builder()
                .name("firn_role_restarts_total")
                .help("How often the supervisor started the role again.")
                .labelNames("role")
                .callback(callback -> forEachRole(snapshots, role -> callback.call(role.restarts(), role.name())))
                .register(registry);
    }

    private void registerMemory(final Supplier<SystemSnapshot> snapshots) {
        GaugeWithCallback.builder()
                .name("firn_memory_bytes")
                .help("Off-heap memory of Firn's own allocators, by tag.")
                .unit(Unit.BYTES)
                .labelNames("tag")
                .callback(callback -> snapshots.get().memory().forEach((tag, bytes) -> callback.call(bytes, tag)))
                .register(registry);
    }

    private void registerDisk(final Path directory) {
        gauge("firn_data_directory_size_bytes", "Size of the data directory's file system.", () -> {
            return store(directory).getTotalSpace();
        });
        gauge("firn_data_directory_free_bytes", "Space left in the data directory's file system.", () -> {
            return store(directory).getUsableSpace();
        });
    }

    private static FileStore store(final Path directory) throws IOException {
        return Files.getFileStore(directory);
    }

    private static void forEachRole(final Supplier<SystemSnapshot> snapshots, final Consumer<RoleStatus> action) {
        snapshots.get().roles().forEach(action);
    }

    /** A reading that the host may refuse; it is shown as NaN then. */
    private interface Reading {
        double read() throws IOException;
    }

    private void gauge(final String name, final String help, final Reading reading) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> {
                    try {
                        callback.call(reading.read());
                    } catch (final IOException e) {
                        callback.call(Double.NaN);
                    }
                })
                .register(registry);
    }

    @Override
    public void onOpen(final String ring, final boolean direct) {
        ringInfo.setLabelValues(ring, String.valueOf(direct));
    }

    @Override
    public void onFlush(final long durationNs) {
        flushSeconds.observe(durationNs / NANOS_A_SECOND);
    }

    @Override
    public void onFailure() {
        probeFailures.inc();
    }

    /** The content type in which {@link #write} answers a client that accepts this. */
    String contentType(final String accept) {
        return formats.findWriter(accept).getContentType();
    }

    void write(final String accept, final OutputStream out) throws IOException {
        final ExpositionFormatWriter writer = formats.findWriter(accept);
        writer.write(out, registry.scrape());
    }
}
