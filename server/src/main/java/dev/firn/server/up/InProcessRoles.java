package dev.firn.server.up;

import dev.firn.nativeio.agent.AgentStuckException;
import dev.firn.nativeio.agent.AgentThreadConfig;
import dev.firn.nativeio.agent.IdleProfile;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.wakeup.SharedThread;
import dev.firn.s3tier.location.StoreLocation;
import dev.firn.server.CommandException;
import dev.firn.server.FirnVersion;
import dev.firn.server.attachment.Attachment;
import dev.firn.server.attachment.AttachmentStore;
import dev.firn.server.config.MediaDriverConfig;
import dev.firn.server.config.PageServerConfig;
import dev.firn.server.config.ReceiverConfig;
import dev.firn.server.config.WalNodeConfig;
import dev.firn.server.home.ProcessIdentity;
import dev.firn.server.home.RoleIdentity;
import dev.firn.server.home.RoleRecord;
import dev.firn.server.home.StorageOpener;
import dev.firn.server.pages.PageServerRole;
import dev.firn.server.pages.PageServerSetup;
import dev.firn.server.pages.PageServerSizes;
import dev.firn.server.quorum.DirectoryRole;
import dev.firn.server.quorum.DriverSource;
import dev.firn.server.quorum.MediaDriverRole;
import dev.firn.server.quorum.QuorumRole;
import dev.firn.server.quorum.ReceiverDetach;
import dev.firn.server.quorum.ReceiverRole;
import dev.firn.server.quorum.ReceiverSetup;
import dev.firn.server.quorum.RoleMemory;
import dev.firn.server.quorum.WalNodeRole;
import dev.firn.server.role.Role;
import dev.firn.transport.aeron.DriverChoice;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every role is some threads of this process, and all that a commit waits for is on one of them: for machines on which six JVMs are too
 * many. What ends the process ends all of them.
 */
final class InProcessRoles implements QuorumRoles {
    private static final Logger LOG = LoggerFactory.getLogger("quorum");

    private static final long MEMORY_BYTES = QuorumLayout.WAL_NODES.size() * RoleMemory.WAL_NODE_BYTES
            + 4 * RoleMemory.RECEIVER_BYTES
            + QuorumLayout.PAGE_SERVER_BYTES;

    private static final Duration COMMIT_PATH_STOP_LIMIT = Duration.ofSeconds(5);

    private final QuorumLayout layout;
    private final StoreLocation objects;
    private final StorageOpener opener;
    private final Clock clock;
    private final RandomGenerator random;
    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("quorum", MEMORY_BYTES));

    /** WAL nodes and receivers: what a commit waits for goes from one to the other and back. */
    private final SharedThread commitPath = SharedThread.open(
            "commit-path", AgentThreadConfig.of(IdleProfile.SHARED_MACHINE).withCloseDeadline(COMMIT_PATH_STOP_LIMIT));

    private volatile String aeronDirectory = "";
    private volatile boolean released = true;

    InProcessRoles(
            final QuorumLayout layout,
            final StoreLocation objects,
            final StorageOpener opener,
            final Clock clock,
            final RandomGenerator random) {
        this.layout = layout;
        this.objects = objects;
        this.opener = opener;
        this.clock = clock;
        this.random = random;
    }

    /** Its record lets commands that read committed WAL find it, as they do a driver in a process of its own. */
    @Override
    public Role mediaDriver() {
        return new DirectoryRole(
                layout.driverDirectory(),
                new RoleIdentity(MediaDriverConfig.NAME, 0, layout.cluster()),
                opener,
                directory -> new MediaDriverRole(QuorumLayout.DRIVER_PROFILE, aeron -> {
                    directory.publish(new RoleRecord(
                            ProcessIdentity.current(), MediaDriverConfig.NAME, "", FirnVersion.current(), aeron));
                    aeronDirectory = aeron;
                }));
    }

    private DriverSource driver() {
        return clock -> {
            if (aeronDirectory.isEmpty()) {
                throw new CommandException("the media driver is not up yet");
            }
            return new DriverChoice.External(Path.of(aeronDirectory));
        };
    }

    private void abandon() {
        released = false;
    }

    @Override
    public QuorumRole walNode(final int node) {
        final Path directory = layout.nodeDirectory(node);
        return new DirectoryRole(
                directory,
                new RoleIdentity(WalNodeConfig.NAME, node, layout.cluster()),
                opener,
                ignored -> new WalNodeRole(
                        layout.network(node, driver()),
                        QuorumLayout.archiverOf(node),
                        commitPath,
                        directory,
                        objects,
                        opener,
                        memory,
                        clock,
                        random,
                        this::abandon));
    }

    @Override
    public QuorumRole pageServer() {
        return new DirectoryRole(
                layout.pageServerDirectory(),
                new RoleIdentity(PageServerConfig.NAME, QuorumLayout.PAGE_SERVER, layout.cluster()),
                opener,
                ignored -> new PageServerRole(
                        new PageServerSetup(
                                layout.network(QuorumLayout.PAGE_SERVER, driver()),
                                objects,
                                PageServerSizes.of(QuorumLayout.PAGE_SERVER_BYTES, QuorumLayout.PAGE_CACHE_BYTES),
                                layout.pageServerDirectory(),
                                opener),
                        memory,
                        clock,
                        random,
                        this::abandon));
    }

    private ReceiverSetup receiverSetup(final Attachment attachment, final Path folder) {
        return new ReceiverSetup(
                layout.network(attachment.node(), driver()),
                folder,
                objects,
                attachment.name(),
                folder.resolve(AttachmentStore.CONNINFO),
                !attachment.isOwn());
    }

    @Override
    public QuorumRole receiver(final Attachment attachment, final Path folder) {
        return new DirectoryRole(
                folder,
                new RoleIdentity(ReceiverConfig.NAME, attachment.node(), layout.cluster()),
                opener,
                ignored -> new ReceiverRole(
                        receiverSetup(attachment, folder), commitPath, memory, clock, random, this::abandon));
    }

    @Override
    public Optional<String> detach(final Attachment attachment, final Path folder) {
        return ReceiverDetach.run(
                receiverSetup(attachment, folder), attachment.wish() == Attachment.Wish.PURGE, memory, clock, random);
    }

    @Override
    public void close() {
        try {
            commitPath.close();
        } catch (final AgentStuckException e) {
            LOG.warn(e.getMessage());
            abandon();
        }
        if (released) {
            memory.close();
        }
    }
}
