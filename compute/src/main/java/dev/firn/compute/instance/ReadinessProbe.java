package dev.firn.compute.instance;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Asks a server over its socket whether it takes sessions, as pg_isready does: a start-up message is answered by a request to
 * authenticate, or by an error. Error 57P03, cannot_connect_now, says that it is starting, stopping or recovering; any other
 * error is an answer of a server that is up. The messages are those of the manual's chapter on the frontend/backend protocol.
 */
final class ReadinessProbe {
    private static final int PROTOCOL_3_0 = 3 << 16;
    private static final int MAX_ANSWER_BYTES = 4096;
    private static final byte ERROR_RESPONSE = 'E';
    private static final String CANNOT_CONNECT_NOW = "C57P03\0";

    private ReadinessProbe() {}

    /** Whether it takes sessions now. No answer within the limit is a no. */
    static boolean accepts(final Path socket, final String user, final long limitMs) {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                Selector selector = Selector.open()) {
            channel.write(startupMessage(user));
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
            final ByteBuffer answer = ByteBuffer.allocate(MAX_ANSWER_BYTES);
            // The type comes first; an error is whole when its length, which counts itself, is there.
            while (!whole(answer)) {
                selector.selectedKeys().clear();
                if (selector.select(limitMs) == 0 || channel.read(answer) < 0) {
                    return false;
                }
            }
            return answer.get(0) != ERROR_RESPONSE
                    || !new String(answer.array(), 0, answer.position(), StandardCharsets.ISO_8859_1)
                            .contains(CANNOT_CONNECT_NOW);
        } catch (final IOException e) {
            // No socket yet, or nobody listens on it: it is not up.
            return false;
        }
    }

    private static boolean whole(final ByteBuffer answer) {
        if (answer.position() > 0 && answer.get(0) != ERROR_RESPONSE) {
            return true;
        }
        return answer.position() >= 5 && answer.position() >= Math.min(MAX_ANSWER_BYTES, 1 + answer.getInt(1));
    }

    private static ByteBuffer startupMessage(final String user) {
        final byte[] parameters = ("user\0" + user + "\0database\0postgres\0\0").getBytes(StandardCharsets.UTF_8);
        final ByteBuffer message = ByteBuffer.allocate(8 + parameters.length);
        return message.putInt(message.capacity())
                .putInt(PROTOCOL_3_0)
                .put(parameters)
                .flip();
    }
}
