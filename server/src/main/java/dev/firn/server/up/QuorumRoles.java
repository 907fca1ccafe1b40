package dev.firn.server.up;

import dev.firn.server.attachment.Attachment;
import dev.firn.server.quorum.QuorumRole;
import dev.firn.server.role.Role;
import java.nio.file.Path;
import java.util.Optional;

/** Makes the quorum's roles: as processes of their own, or within this one. */
interface QuorumRoles extends AutoCloseable {
    Role mediaDriver();

    QuorumRole walNode(int node);

    QuorumRole pageServer();

    /** @param folder the attachment's. */
    QuorumRole receiver(Attachment attachment, Path folder);

    /**
     * Lets go of the primary, and of all that is held of it when that is wished. The receiver has ended. Blocks; what it cannot
     * do is an exception, and tried again when asked for again.
     *
     * @return what is left for the user to do.
     */
    Optional<String> detach(Attachment attachment, Path folder) throws InterruptedException;

    /** After all roles have ended. */
    @Override
    void close();
}
