package dev.firn.server.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Lets everybody in and says that it is a certain version of Postgres; it can do nothing else (protocol 3.0, "Message Formats"). */
final class OtherVersionServer implements AutoCloseable {
    private static final int PROTOCOL_3 = 3 << 16;

    private final ServerSocket listener;
    private final String version;
    private final Thread thread;

    OtherVersionServer(final String version) throws IOException {
        this.version = version;
        listener = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        thread = new Thread(this::run, "postgres-" + version);
        thread.start();
    }

    int port() {
        return listener.getLocalPort();
    }

    private void run() {
        while (!listener.isClosed()) {
            try (Socket socket = listener.accept()) {
                serve(socket.getInputStream(), socket.getOutputStream());
            } catch (final IOException e) {
                // The client has hung up, or the test is over.
                continue;
            }
        }
    }

    private void serve(final InputStream in, final OutputStream out) throws IOException {
        while (request(in) != PROTOCOL_3) {
            // TLS or GSS is asked for first.
            out.write('N');
        }
        message(out, 'R', new byte[Integer.BYTES]);
        message(out, 'S', ("server_version\0" + version + "\0").getBytes(StandardCharsets.US_ASCII));
        message(out, 'Z', new byte[] {'I'});
        out.flush();
        in.transferTo(OutputStream.nullOutputStream());
    }

    /** The code that a start-up packet begins with. */
    private static int request(final InputStream in) throws IOException {
        final byte[] length = in.readNBytes(Integer.BYTES);
        if (length.length < Integer.BYTES) {
            throw new IOException("no packet");
        }
        return ByteBuffer.wrap(in.readNBytes(ByteBuffer.wrap(length).getInt() - Integer.BYTES))
                .getInt();
    }

    private static void message(final OutputStream out, final char type, final byte[] body) throws IOException {
        out.write(type);
        out.write(ByteBuffer.allocate(Integer.BYTES)
                .putInt(body.length + Integer.BYTES)
                .array());
        out.write(body);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        listener.close();
        thread.join();
    }
}
