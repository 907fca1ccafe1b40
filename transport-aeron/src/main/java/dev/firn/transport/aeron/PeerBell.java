package dev.firn.transport.aeron;

import dev.firn.nativeio.wakeup.Doorbell;
import dev.firn.nativeio.wakeup.DoorbellRinger;
import java.nio.file.Path;

/**
 * Wakes a node on this host that a message was sent to, in case it sleeps. Belongs to the sender's endpoint.
 *
 * <p>Doorbells hang in the media driver's directory, which both nodes have, and which other users cannot enter. A node hangs up its
 * doorbell before it listens, so whoever is connected to it finds the doorbell. It stays good when the node is restarted.
 *
 * <p>Only the first message between two nodes may find its receiver asleep again: woken before Aeron's own thread has shown it the
 * new session. So a node's wait has an end.
 */
final class PeerBell implements AutoCloseable {
    private final Path directory;
    private final int peerId;
    private boolean looked;

    /** Null until the first message, and when the peer has none. */
    private DoorbellRinger ringer;

    PeerBell(final Path directory, final int peerId) {
        this.directory = directory;
        this.peerId = peerId;
    }

    /** Hangs up a node's own. */
    static Doorbell hangUp(final Path directory, final int nodeId) {
        return Doorbell.create(directory, nameOf(nodeId));
    }

    private static String nameOf(final int nodeId) {
        return "node-" + nodeId;
    }

    /** After a message was taken. */
    void ring() {
        if (!looked) {
            looked = true;
            ringer = DoorbellRinger.open(directory, nameOf(peerId)).orElse(null);
        }
        if (ringer != null) {
            ringer.ring();
        }
    }

    @Override
    public void close() {
        if (ringer != null) {
            ringer.close();
            ringer = null;
        }
    }
}
