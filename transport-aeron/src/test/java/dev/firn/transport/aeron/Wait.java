package dev.firn.transport.aeron;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.SystemClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;

/** Waiting with a deadline, and free ports, for the tests of this package. */
final class Wait {
    private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(20);

    private Wait() {}

    static void until(final String what, final BooleanSupplier condition) {
        final long deadlineNs = SystemClock.INSTANCE.nanoTime() + DEADLINE_NS;
        while (!condition.getAsBoolean()) {
            assertThat(SystemClock.INSTANCE.nanoTime() - deadlineNs)
                    .as("deadline of waiting until %s", what)
                    .isNegative();
            Thread.yield();
        }
    }

    static void sent(final AeronEndpoint from, final int to, final DirectBuffer message, final int length) {
        until("node " + to + " takes a message", () -> from.send(to, message, 0, length) == SendResult.SENT);
    }

    /** A table of this many nodes, counted from 0, on free UDP ports of the loopback interface. */
    static AddressTable loopbackTable(final int nodes) {
        final DatagramSocket[] sockets = new DatagramSocket[nodes];
        final Map<Integer, String> table = new HashMap<>();
        try {
            for (int i = 0; i < nodes; i++) {
                sockets[i] = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                table.put(i, "127.0.0.1:" + sockets[i].getLocalPort());
            }
            return AddressTable.of(table);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            for (final DatagramSocket socket : sockets) {
                if (socket != null) {
                    socket.close();
                }
            }
        }
    }

    static AddressTable ipcTable(final int nodes) {
        final Map<Integer, String> table = new HashMap<>();
        for (int i = 0; i < nodes; i++) {
            table.put(i, NodeAddress.IPC);
        }
        return AddressTable.of(table);
    }
}
