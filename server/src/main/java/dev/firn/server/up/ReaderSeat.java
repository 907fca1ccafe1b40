package dev.firn.server.up;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.storage.FileLock;
import dev.firn.nativeio.storage.Storage;
import dev.firn.server.CommandException;
import dev.firn.server.home.DataDirectory;
import dev.firn.server.home.StorageOpener;
import dev.firn.server.quorum.DriverSource;
import dev.firn.server.quorum.NodeNetwork;
import dev.firn.server.quorum.RoleNetwork;
import dev.firn.server.wal.WalFetch;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * A command's place among the nodes of the system that is up on a directory: one of some ids kept for commands that read, by a lock
 * that ends with the process.
 */
public final class ReaderSeat implements AutoCloseable {
    private static final String FOLDER = "readers";

    private final Storage storage;
    private final FileLock lock;
    private final RoleNetwork network;

    private final List<Integer> walNodes;

    /** Storage and lock are null for a seat that a configuration assigns. */
    private ReaderSeat(
            final Storage storage, final FileLock lock, final RoleNetwork network, final List<Integer> walNodes) {
        this.storage = storage;
        this.lock = lock;
        this.network = network;
        this.walNodes = walNodes;
    }

    /** A seat that nobody else has, because a configuration says so. */
    public static ReaderSeat at(
            final NodeNetwork setup, final List<Integer> walNodes, final Clock clock, final RandomGenerator random) {
        return new ReaderSeat(null, null, RoleNetwork.open(setup, clock, random), walNodes);
    }

    /**
     * Takes the first free seat, and connects to the system's media driver.
     *
     * @throws CommandException when there is none.
     */
    public static ReaderSeat take(
            final Path directory, final StorageOpener opener, final Clock clock, final RandomGenerator random) {
        return takeIfFree(directory, opener, clock, random)
                .orElseThrow(() -> new CommandException(
                        QuorumLayout.READERS + " commands read from the system already: wait for one to end"));
    }

    /** As {@link #take}; empty when there is none. */
    public static Optional<ReaderSeat> takeIfFree(
            final Path directory, final StorageOpener opener, final Clock clock, final RandomGenerator random) {
        final Path path = directory.toAbsolutePath().normalize();
        final String cluster = DataDirectory.clusterOf(path)
                .orElseThrow(() -> new CommandException(path + " was never up: start it with ./firn up"));
        final QuorumLayout layout = new QuorumLayout(path, cluster, "");
        final Storage storage = opener.open(path);
        FileLock lock = null;
        boolean taken = false;
        try {
            storage.createDirectories(FOLDER);
            for (int i = 0; i < QuorumLayout.READERS; i++) {
                lock = storage.tryLock(FOLDER + "/" + i);
                if (lock != null) {
                    final RoleNetwork network = RoleNetwork.open(
                            layout.network(QuorumLayout.reader(i), DriverSource.ofRole(layout.driverDirectory())),
                            clock,
                            random);
                    taken = true;
                    return Optional.of(new ReaderSeat(storage, lock, network, QuorumLayout.WAL_NODES));
                }
            }
            return Optional.empty();
        } finally {
            if (!taken) {
                if (lock != null) {
                    lock.close();
                }
                storage.close();
            }
        }
    }

    /** What to read from. */
    public WalFetch.Quorum quorum() {
        return new WalFetch.Quorum(network.endpoint(), walNodes);
    }

    /** For who speaks to another node; borrowed. */
    public Endpoint endpoint() {
        return network.endpoint();
    }

    @Override
    public void close() {
        network.close();
        if (lock != null) {
            lock.close();
            storage.close();
        }
    }
}
