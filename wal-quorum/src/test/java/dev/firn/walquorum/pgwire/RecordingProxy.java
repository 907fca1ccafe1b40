package dev.firn.walquorum.pgwire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;

/** Stands between a client and a server, and keeps what the server says. */
final class RecordingProxy implements AutoCloseable {
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final FakeServer front;

    RecordingProxy(final int serverPort) throws IOException {
        front = new FakeServer((socket, input, output) -> {
            try (Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort)) {
                final Thread there = new Thread(() -> pump(socket, server));
                there.start();
                final byte[] part = new byte[1 << 16];
                for (int count = server.getInputStream().read(part);
                        count >= 0;
                        count = server.getInputStream().read(part)) {
                    said.write(part, 0, count);
                    output.write(part, 0, count);
                    output.flush();
                }
            }
        });
    }

    private static void pump(final Socket from, final Socket to) {
        try {
            final OutputStream output = to.getOutputStream();
            from.getInputStream().transferTo(output);
            to.shutdownOutput();
        } catch (final IOException e) {
            // One of them has hung up; the other learns of it.
        }
    }

    int port() {
        return front.port();
    }

    /** All that the server has said; when the proxy is closed. */
    byte[] said() {
        return said.toByteArray();
    }

    @Override
    public void close() throws Exception {
        front.close();
    }
}
