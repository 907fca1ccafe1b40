package dev.firn.server.quorum;

import dev.firn.server.home.RoleDirectory;
import dev.firn.server.home.RoleIdentity;
import dev.firn.server.home.StorageOpener;
import dev.firn.server.role.RoleHealth;
import java.nio.file.Path;
import java.util.function.Function;

/** A role with its directory, where they are not a process: holds the directory from before the role's start to after its stop. */
public final class DirectoryRole implements QuorumRole {
    private final Path path;
    private final RoleIdentity identity;
    private final StorageOpener opener;
    private final Function<RoleDirectory, QuorumRole> factory;
    private RoleDirectory directory;
    private volatile QuorumRole role;

    public DirectoryRole(
            final Path path,
            final RoleIdentity identity,
            final StorageOpener opener,
            final Function<RoleDirectory, QuorumRole> factory) {
        this.path = path;
        this.identity = identity;
        this.opener = opener;
        this.factory = factory;
    }

    @Override
    public void start() throws InterruptedException {
        directory = RoleDirectory.open(path, identity, opener);
        role = factory.apply(directory);
        role.start();
    }

    @Override
    public RoleHealth health() {
        return role.health();
    }

    @Override
    public QuorumSnapshot quorum() {
        final QuorumRole made = role;
        return made == null ? QuorumSnapshot.NONE : made.quorum();
    }

    @Override
    public void stop() {
        if (directory == null) {
            return;
        }
        try {
            if (role != null) {
                role.stop();
            }
        } finally {
            directory.close();
        }
    }
}
