package dev.firn.tuning.doctor;

import dev.firn.nativeio.uring.UringSupport;
import dev.firn.tuning.host.SystemTree;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Examines the host: every area in turn, each finding a reading of this moment.
 *
 * <p>Files are read beneath the system root. The JVM and io_uring are read from the running process and its kernel, by
 * doing, whatever the root.
 */
public final class Doctor {
    private final SystemTree tree;
    private final String dataDirectory;
    private final Map<String, String> environment;
    private final Supplier<RunningJvm> jvm;
    private final Supplier<UringSupport> ring;

    /**
     * @param systemRoot what {@code /proc}, {@code /sys}, {@code /dev}, {@code /etc} and {@code /usr} are beneath;
     *     {@code /} on a host.
     * @param dataDirectory where Firn would keep its data, as the host names it; need not exist yet.
     * @param environment the process' environment, for {@code PATH}.
     */
    public Doctor(final Path systemRoot, final Path dataDirectory, final Map<String, String> environment) {
        this(systemRoot, dataDirectory, environment, RunningJvm::read, UringSupport::probe);
    }

    Doctor(
            final Path systemRoot,
            final Path dataDirectory,
            final Map<String, String> environment,
            final Supplier<RunningJvm> jvm,
            final Supplier<UringSupport> ring) {
        this.tree = new SystemTree(systemRoot);
        this.dataDirectory = dataDirectory.toAbsolutePath().normalize().toString();
        this.environment = Map.copyOf(environment);
        this.jvm = Objects.requireNonNull(jvm);
        this.ring = Objects.requireNonNull(ring);
    }

    /** Never throws because of what the host lacks; changes nothing. */
    public DoctorReport examine() {
        // The first native calls of a process bind their handles, which takes as long as all the other readings
        // together: the probe runs beside them.
        final FutureTask<UringSupport> probe = new FutureTask<>(ring::get);
        Thread.ofPlatform().daemon().name("doctor-ring-probe").start(probe);
        final RunningJvm running = jvm.get();
        final List<Finding> findings = new ArrayList<>();
        new JavaReading(running).addTo(findings);
        new HostReading(tree, running).addTo(findings);
        final List<Finding> afterRing = new ArrayList<>();
        for (final Reading reading : List.of(
                new MemoryReading(tree),
                new CpuReading(tree, running),
                new StorageReading(tree, dataDirectory),
                new FilesReading(tree),
                new ProgramsReading(tree, environment))) {
            reading.addTo(afterRing);
        }
        new RingReading(tree, answer(probe)).addTo(findings);
        findings.addAll(afterRing);
        return new DoctorReport(findings);
    }

    /** A probe that throws is a defect of native/, and not hidden. */
    private static UringSupport answer(final FutureTask<UringSupport> probe) {
        try {
            return probe.get();
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while io_uring was probed", interrupted);
        } catch (final ExecutionException failed) {
            throw new IllegalStateException("the probe of io_uring failed", failed.getCause());
        }
    }
}
