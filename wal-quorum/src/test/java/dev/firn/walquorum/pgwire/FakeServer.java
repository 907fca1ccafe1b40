package dev.firn.walquorum.pgwire;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;

/** Takes one connection after the other, and plays a part to each. */
final class FakeServer implements AutoCloseable {
    private final ServerSocket listener;
    private final Thread thread;

    /** What is said to one connection; it ends when the client hangs up. */
    interface Part {
        void play(Socket socket, InputStream input, OutputStream output) throws IOException;
    }

    FakeServer(final Part part) throws IOException {
        listener = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        thread = new Thread(() -> run(part), "fake-server");
        thread.start();
    }

    /** Says this at once to whoever comes, and hangs up when the client does. */
    static FakeServer saying(final byte[] bytes) throws IOException {
        return new FakeServer((socket, input, output) -> {
            output.write(bytes);
            output.flush();
            socket.shutdownOutput();
            input.transferTo(OutputStream.nullOutputStream());
        });
    }

    private void run(final Part part) {
        while (!listener.isClosed()) {
            try (Socket socket = listener.accept()) {
                socket.setTcpNoDelay(true);
                part.play(socket, socket.getInputStream(), socket.getOutputStream());
            } catch (final IOException e) {
                // The client has hung up, or the test is over.
            }
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Reads the start-up message. */
    static void readStartup(final InputStream input) throws IOException {
        final byte[] length = input.readNBytes(Integer.BYTES);
        input.readNBytes(ByteBuffer.wrap(length).getInt() - Integer.BYTES);
    }

    @Override
    public void close() throws Exception {
        listener.close();
        thread.join();
    }
}
