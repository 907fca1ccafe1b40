package dev.firn.server.up;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.MemoryUsage;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.server.CommandException;
import dev.firn.server.FirnVersion;
import dev.firn.server.attachment.Attachment;
import dev.firn.server.attachment.AttachmentStore;
import dev.firn.server.endpoint.EndpointAccess;
import dev.firn.server.endpoint.StatusEndpoint;
import dev.firn.server.endpoint.StoreSnapshot;
import dev.firn.server.endpoint.SystemMetrics;
import dev.firn.server.endpoint.SystemSnapshot;
import dev.firn.server.home.ControlToken;
import dev.firn.server.home.DataDirectory;
import dev.firn.server.home.ProcessIdentity;
import dev.firn.server.home.StorageOpener;
import dev.firn.server.home.StoreChoice;
import dev.firn.server.home.UpRecord;
import dev.firn.server.objectstore.StoreProbeConfig;
import dev.firn.server.objectstore.StoreRole;
import dev.firn.server.objectstore.SystemStore;
import dev.firn.server.postgres.OwnPostgres;
import dev.firn.server.quorum.QuorumSnapshot;
import dev.firn.server.role.RestartPolicy;
import dev.firn.server.role.RoleSpec;
import dev.firn.server.role.RoleStartException;
import dev.firn.server.role.RoleStatus;
import dev.firn.server.role.Supervisor;
import dev.firn.server.storage.ProbeConfig;
import dev.firn.server.storage.ProbeListener;
import dev.firn.server.storage.StorageRole;
import dev.firn.transport.authentication.PeerSecret;
import dev.firn.walquorum.pgwire.conninfo.ConnEnvironment;
import dev.firn.walquorum.pgwire.conninfo.ConnInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole system on one data directory: what probes disk and store runs in this process, the quorum's roles in processes of
 * their own unless it is told otherwise. Started, watched and closed by one thread.
 */
public final class FirnSystem implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("firn");

    /** What the roles of this module hold off the heap: buffers of the roles that probe. */
    private static final long MEMORY_BYTES = 4L << 20;

    private final Clock clock;
    private final RandomGenerator random;
    private final long startedEpochNs;
    private final DataDirectory directory;
    private final ProcessIdentity process = ProcessIdentity.current();
    private final String version = FirnVersion.current();
    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("server", MEMORY_BYTES));
    private final SystemMetrics metrics;
    private final Supervisor supervisor;
    private final StoreChoice choice;
    private final SystemStore store;
    private final UpConfig config;
    private final StorageOpener opener;
    private StatusEndpoint endpoint;
    private volatile LocalQuorum quorum;
    private volatile String ring = "";
    private volatile boolean direct;
    private boolean closed;

    private FirnSystem(
            final DataDirectory directory,
            final StoreChoice choice,
            final UpConfig config,
            final StorageOpener opener,
            final Clock clock,
            final RandomGenerator random) {
        this.clock = clock;
        this.startedEpochNs = clock.epochNs();
        this.directory = directory;
        this.choice = choice;
        this.store = SystemStore.at(choice.location(), choice::prepare, clock, random);
        this.metrics = new SystemMetrics(version, directory.path(), this::snapshot, true);
        this.supervisor =
                new Supervisor(List.of(storageRole(config.probes()), storeRole(config.storeProbes(), random)), clock);
        this.random = random;
        this.config = config;
        this.opener = opener;
    }

    private LocalQuorum openQuorum() {
        final QuorumLayout layout = new QuorumLayout(
                directory.path(), directory.cluster(random), choice.location().toString());
        PeerSecret.create(layout.secretFile(), random);
        final AttachmentStore attachments = new AttachmentStore(directory.path());
        final QuorumRoles roles = config.inProcess()
                ? new InProcessRoles(layout, choice.location(), opener, clock, random)
                : new ProcessRoles(layout, attachments, clock);
        return new LocalQuorum(
                roles,
                attachments,
                supervisor,
                ownPostgres(attachments)
                        .map(postgres -> new OwnTimeline(postgres, supervisor, clock))
                        .orElse(null));
    }

    private Optional<OwnPostgres> ownPostgres(final AttachmentStore attachments) {
        return OwnPostgres.of(
                directory.path(),
                config.postgres(),
                attachments.load().stream().anyMatch(attachment -> !attachment.isOwn()),
                attachments
                        .conninfo(Attachment.OWN)
                        .map(text -> ConnInfo.parse(text, ConnEnvironment.ofThisProcess())
                                .hosts()
                                .getFirst()
                                .port())
                        .orElse(0),
                clock);
    }

    /** How the Postgres that the system runs itself is reached; empty while none runs. */
    public Optional<String> postgresUrl() {
        return quorum.ownUrl();
    }

    /**
     * Returns when all serve and others can find them. What was begun is taken back when a part does not come up.
     *
     * @param random names writes and sessions: {@link dev.firn.nativeio.seam.SystemRandom#secure()} in production.
     * @throws CommandException when the user can do something about it.
     */
    public static FirnSystem start(
            final Path path,
            final UpConfig config,
            final StorageOpener opener,
            final Clock clock,
            final RandomGenerator random)
            throws InterruptedException {
        final DataDirectory directory = DataDirectory.open(path, opener);
        FirnSystem system = null;
        boolean started = false;
        try {
            system =
                    new FirnSystem(directory, StoreChoice.of(directory, config.store()), config, opener, clock, random);
            system.start(config.port());
            started = true;
            return system;
        } catch (final RoleStartException e) {
            throw explained(directory.path(), e);
        } catch (final RuntimeException e) {
            throw DataDirectory.explained(directory.path(), e);
        } finally {
            if (!started && system != null) {
                system.close();
            } else if (!started) {
                directory.close();
            }
        }
    }

    private void start(final int port) throws InterruptedException {
        // The port comes first: that it is taken is known at once, and nothing has been started yet.
        final String token = ControlToken.draw(random);
        endpoint = StatusEndpoint.bind(
                EndpointAccess.loopback(port).withControl(new AttachmentControl(() -> quorum), token),
                this::snapshot,
                metrics);
        // What a killed process left must not be taken for this one.
        directory.withdraw();
        supervisor.start();
        // What has proved itself is this directory's store from now on.
        choice.remember();
        ControlToken.write(directory.path(), token);
        quorum = openQuorum();
        quorum.start();
        endpoint.start();
        directory.publish(new UpRecord(process, endpoint.url(), version));
        LOG.info(
                "up on {} as process {}, {}, {}, objects in {}",
                directory.path(),
                process.pid(),
                endpoint.url(),
                ring,
                store.url());
    }

    private RoleSpec storageRole(final ProbeConfig probes) {
        final ProbeListener listener = new ProbeListener() {
            @Override
            public void onOpen(final String description, final boolean pastPageCache) {
                ring = description;
                direct = pastPageCache;
                metrics.onOpen(description, pastPageCache);
            }

            @Override
            public void onFlush(final long durationNs) {
                metrics.onFlush(durationNs);
            }

            @Override
            public void onFailure() {
                metrics.onFailure();
            }
        };
        return new RoleSpec(
                StorageRole.NAME,
                () -> new StorageRole(directory.storage(), memory, probes, clock, listener),
                RestartPolicy.STANDARD,
                true);
    }

    private RoleSpec storeRole(final StoreProbeConfig probes, final RandomGenerator random) {
        return new RoleSpec(
                StoreRole.NAME,
                () -> new StoreRole(store, memory, probes, clock, metrics.storeListener(), random),
                RestartPolicy.STANDARD,
                false);
    }

    private static RuntimeException explained(final Path path, final RoleStartException failure) {
        if (failure.getCause() instanceof RuntimeException cause) {
            final RuntimeException explained = DataDirectory.explained(path, cause);
            if (explained instanceof CommandException) {
                return explained;
            }
        }
        return new CommandException(failure.getMessage(), failure);
    }

    /** Waits until a part that the rest cannot do without stays down; empty when the time is over. */
    public Optional<RoleStatus> awaitLoss(final Duration limit) throws InterruptedException {
        return supervisor.awaitLoss(limit);
    }

    /** Root of the status endpoint, with a slash at the end. */
    public String url() {
        return endpoint.url();
    }

    public Path path() {
        return directory.path();
    }

    public long pid() {
        return process.pid();
    }

    public SystemSnapshot snapshot() {
        final List<RoleStatus> roles = supervisor.statuses();
        return new SystemSnapshot(
                "up",
                version,
                process.pid(),
                directory.path().toString(),
                endpoint.url(),
                startedEpochNs,
                clock.epochNs(),
                ring,
                direct,
                roles,
                QuorumLayout.REDUNDANCY,
                storeSnapshot(roles),
                quorum == null ? QuorumSnapshot.NONE : quorum.snapshot(roles),
                memoryByTag());
    }

    private StoreSnapshot storeSnapshot(final List<RoleStatus> roles) {
        final RoleStatus role = roles.stream()
                .filter(status -> status.name().equals(StoreRole.NAME))
                .findFirst()
                .orElseThrow();
        final Optional<ObjectStore> opened = store.opened();
        return new StoreSnapshot(
                store.url(),
                opened.map(ObjectStore::describe).orElse(""),
                role,
                opened.map(ObjectStore::counters).orElse(null));
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

    /** Without the interrupt that may have ended the start: Postgres is stopped in order all the same. */
    private void stopPostgres() {
        if (quorum == null) {
            return;
        }
        final boolean interrupted = Thread.interrupted();
        try {
            quorum.stopOwn();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Stops everything, each part within its limit; what cannot be stopped cleanly is logged and left. Idempotent. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            directory.withdraw();
        } catch (final RuntimeException e) {
            LOG.warn("the record of this process stays behind, and will be seen as stale: {}", e.getMessage());
        }
        if (endpoint != null) {
            endpoint.close();
        }
        stopPostgres();
        supervisor.close();
        if (quorum != null) {
            quorum.close();
        }
        store.close();
        if (store.isReleased()) {
            memory.close();
        }
        directory.close();
    }
}
