package dev.firn.server.process;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.MemoryUsage;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.server.CommandException;
import dev.firn.server.FirnVersion;
import dev.firn.server.config.RoleConfig;
import dev.firn.server.endpoint.EndpointAccess;
import dev.firn.server.endpoint.Redundancy;
import dev.firn.server.endpoint.StatusEndpoint;
import dev.firn.server.endpoint.SystemMetrics;
import dev.firn.server.endpoint.SystemSnapshot;
import dev.firn.server.home.ProcessIdentity;
import dev.firn.server.home.RoleDirectory;
import dev.firn.server.home.RoleRecord;
import dev.firn.server.home.StorageOpener;
import dev.firn.server.quorum.QuorumRole;
import dev.firn.server.quorum.RoleSlot;
import dev.firn.server.role.RestartPolicy;
import dev.firn.server.role.RoleSpec;
import dev.firn.server.role.RoleStartException;
import dev.firn.server.role.RoleStatus;
import dev.firn.server.role.Supervisor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One role, its directory and its endpoint: what {@code firn run} is. A role that fails is not started again here; the process
 * ends, and whoever supervises it (firn up, systemd) starts another. Started, watched and closed by one thread.
 */
public final class RoleProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("firn");

    private static final RestartPolicy NO_RESTART = new RestartPolicy(
            Duration.ZERO, Duration.ZERO, 0, Duration.ofMinutes(1), Duration.ofMinutes(2), Duration.ofSeconds(8));

    private final String name;
    private final Clock clock;
    private final long startedEpochNs;
    private final RoleDirectory directory;
    private final ProcessIdentity process = ProcessIdentity.current();
    private final String version = FirnVersion.current();
    private final RoleConfig config;
    private final OffHeapMemory memory;
    private final RoleSlot slot;
    private final Supervisor supervisor;
    private StatusEndpoint endpoint;
    private volatile boolean released = true;

    /** What a role is made of. */
    public interface Factory {
        QuorumRole create(RoleDirectory directory, OffHeapMemory memory, RoleProcess process);
    }

    private RoleProcess(
            final String name,
            final RoleConfig config,
            final long memoryBytes,
            final Factory factory,
            final RoleDirectory directory,
            final Clock clock) {
        this.name = name;
        this.clock = clock;
        this.startedEpochNs = clock.epochNs();
        this.directory = directory;
        this.memory = OffHeapMemory.open(OffHeapConfig.of(name, memoryBytes));
        this.config = config;
        this.slot = new RoleSlot(() -> factory.create(directory, this.memory, this));
        this.supervisor = new Supervisor(List.of(new RoleSpec(name, slot, NO_RESTART, true)), clock);
    }

    /**
     * Returns when the role serves.
     *
     * @param node its id; 0 for a role without one.
     * @param memoryBytes what the role may hold off the heap.
     * @throws CommandException when the user can do something about it.
     */
    public static RoleProcess start(
            final String name,
            final int node,
            final RoleConfig config,
            final long memoryBytes,
            final Factory factory,
            final StorageOpener opener,
            final Clock clock)
            throws InterruptedException {
        final RoleDirectory directory = RoleDirectory.open(config.directory(), config.identity(name, node), opener);
        RoleProcess role = null;
        boolean started = false;
        try {
            role = new RoleProcess(name, config, memoryBytes, factory, directory, clock);
            role.start();
            started = true;
            return role;
        } catch (final RoleStartException e) {
            throw new CommandException(e.reason(), e);
        } finally {
            if (!started && role != null) {
                role.close();
            } else if (!started) {
                directory.close();
            }
        }
    }

    private void start() throws InterruptedException {
        // The port comes first: that it is taken is known at once, and nothing has been started yet.
        endpoint = StatusEndpoint.bind(
                EndpointAccess.at(config.http(), config.httpTokenFile()),
                this::snapshot,
                new SystemMetrics(version, directory.path(), this::snapshot, false));
        endpoint.start();
        publish("");
        supervisor.start();
        LOG.info("{} serves on {} as process {}, {}", name, directory.path(), process.pid(), endpoint.url());
    }

    /** Makes the process findable, and tells where its media driver is when it is one. */
    public void publish(final String aeronDirectory) {
        directory.publish(new RoleRecord(process, name, endpoint.url(), version, aeronDirectory));
    }

    /** A role could not give everything back: what it may still use must stay. */
    public void abandonMemory() {
        released = false;
    }

    /** Waits until the role stays down; empty when the time is over. */
    public Optional<RoleStatus> awaitLoss(final Duration limit) throws InterruptedException {
        return supervisor.awaitLoss(limit);
    }

    public Path path() {
        return directory.path();
    }

    public long pid() {
        return process.pid();
    }

    public String url() {
        return endpoint.url();
    }

    private SystemSnapshot snapshot() {
        return new SystemSnapshot(
                name,
                version,
                process.pid(),
                directory.path().toString(),
                endpoint.url(),
                startedEpochNs,
                clock.epochNs(),
                "",
                false,
                supervisor.statuses(),
                Redundancy.NONE,
                null,
                slot.quorum(),
                memoryByTag());
    }

    private Map<String, Long> memoryByTag() {
        final Map<String, Long> held = new TreeMap<>();
        for (final MemoryTag tag : MemoryTag.all()) {
            final MemoryUsage usage = memory.usage(tag);
            if (usage.highWaterBytes() > 0) {
                held.put(tag.name(), usage.heldBytes());
            }
        }
        return held;
    }

    /** Stops the role, and lets go of its directory. */
    @Override
    public void close() {
        if (endpoint != null) {
            endpoint.close();
        }
        supervisor.close();
        try {
            directory.withdraw();
        } catch (final RuntimeException e) {
            LOG.warn("the record of this process stays behind, and will be seen as stale: {}", e.getMessage());
        }
        if (released) {
            memory.close();
        }
        directory.close();
    }
}
