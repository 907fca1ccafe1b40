package dev.firn.walquorum.simulation;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.storage.Storage;
import java.util.random.RandomGenerator;

/**
 * Bugs planted on purpose around the quorum's processes, each of which the simulation must find. Those of the state machines
 * are in {@link dev.firn.walquorum.simulation.machines.MachineFlaw}.
 */
public enum Flaw {
    NONE,
    /** Writes are said to be durable when they are in the page cache. */
    WRITE_WITHOUT_FLUSH {
        @Override
        Storage onDisk(final Storage storage) {
            return Sabotage.withoutFlush(storage);
        }
    },
    /** A node says that it has flushed what it has received. */
    TELL_RECEIVED_AS_FLUSHED {
        @Override
        Endpoint onNode(final Endpoint endpoint) {
            return Sabotage.tellingReceivedAsFlushed(endpoint);
        }
    },
    /** A writer tells nodes that bytes are committed when it sends them. */
    TELL_SENT_AS_COMMITTED {
        @Override
        Endpoint onWriter(final Endpoint endpoint) {
            return Sabotage.tellingSentAsCommitted(endpoint);
        }
    },
    /** A node that lost its disk has the acceptor id that it had before. */
    SAME_ID_ON_ANOTHER_DISK {
        @Override
        RandomGenerator onDraw(final RandomGenerator random) {
            return SystemRandom.seeded(1);
        }
    };

    Endpoint onNode(final Endpoint endpoint) {
        return endpoint;
    }

    Endpoint onWriter(final Endpoint endpoint) {
        return endpoint;
    }

    Storage onDisk(final Storage storage) {
        return storage;
    }

    RandomGenerator onDraw(final RandomGenerator random) {
        return random;
    }
}
