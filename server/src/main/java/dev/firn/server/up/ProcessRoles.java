package dev.firn.server.up;

import dev.firn.nativeio.seam.Clock;
import dev.firn.server.attachment.Attachment;
import dev.firn.server.attachment.AttachmentStore;
import dev.firn.server.config.MediaDriverConfig;
import dev.firn.server.config.PageServerConfig;
import dev.firn.server.config.ReceiverConfig;
import dev.firn.server.config.WalNodeConfig;
import dev.firn.server.process.ChildRole;
import dev.firn.server.process.ChildSpec;
import dev.firn.server.process.OneShotChild;
import dev.firn.server.quorum.QuorumRole;
import dev.firn.server.role.Role;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Every role is a process: what ends one leaves the others. */
final class ProcessRoles implements QuorumRoles {
    private static final String DRIVER_HEAP = "48m";
    private static final String NODE_HEAP = "96m";
    private static final String RECEIVER_HEAP = "96m";

    /** The index of a base backup, some hundred bytes for each file, and the sizes of all relations are on the heap. */
    private static final String PAGE_SERVER_HEAP = "256m";

    private final QuorumLayout layout;
    private final AttachmentStore store;
    private final Clock clock;

    ProcessRoles(final QuorumLayout layout, final AttachmentStore store, final Clock clock) {
        this.layout = layout;
        this.store = store;
        this.clock = clock;
    }

    @Override
    public Role mediaDriver() {
        return new ChildRole(
                new ChildSpec(
                        MediaDriverConfig.NAME,
                        MediaDriverConfig.NAME,
                        layout.path(),
                        layout.driverDirectory(),
                        layout::driverConfig,
                        DRIVER_HEAP),
                clock);
    }

    @Override
    public QuorumRole walNode(final int node) {
        return new ChildRole(
                new ChildSpec(
                        QuorumLayout.nodeName(node),
                        WalNodeConfig.NAME,
                        layout.path(),
                        layout.nodeDirectory(node),
                        () -> layout.nodeConfig(node),
                        NODE_HEAP),
                clock);
    }

    @Override
    public QuorumRole pageServer() {
        return new ChildRole(
                new ChildSpec(
                        PageServerConfig.NAME,
                        PageServerConfig.NAME,
                        layout.path(),
                        layout.pageServerDirectory(),
                        layout::pageServerConfig,
                        PAGE_SERVER_HEAP),
                clock);
    }

    @Override
    public QuorumRole receiver(final Attachment attachment, final Path folder) {
        return new ChildRole(receiverSpec(attachment, folder), clock);
    }

    private ChildSpec receiverSpec(final Attachment attachment, final Path folder) {
        return new ChildSpec(
                QuorumLayout.receiverName(attachment.name()),
                ReceiverConfig.NAME,
                layout.path(),
                folder,
                () -> layout.receiverConfig(attachment, store),
                RECEIVER_HEAP);
    }

    @Override
    public Optional<String> detach(final Attachment attachment, final Path folder) throws InterruptedException {
        final List<String> options = new ArrayList<>(List.of("--detach"));
        if (attachment.wish() == Attachment.Wish.PURGE) {
            options.add("--purge");
        }
        return OneShotChild.run(receiverSpec(attachment, folder), options);
    }

    @Override
    public void close() {
        // Children end with their roles.
    }
}
