package dev.firn.s3tier.s3server;

import dev.firn.nativeio.seam.SystemClock;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;

/** The connection to the server behind a proxy: kept for the next request, unless it has been idle for so long that it may be gone. */
final class Upstream implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int CONNECT_MS = 10_000;
    private static final long KEPT_NS = Duration.ofSeconds(5).toNanos();

    private final URI server;
    private Socket socket;
    private InputStream in;
    private OutputStream out;
    private long usedNs;

    Upstream(final URI server) {
        this.server = server;
    }

    /** Opens the connection, unless there is one. To be called before each request. */
    void ready() throws IOException {
        if (socket != null && SystemClock.INSTANCE.nanoTime() - usedNs < KEPT_NS) {
            return;
        }
        close();
        socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), CONNECT_MS);
        in = new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES);
        out = new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES);
    }

    InputStream in() {
        return in;
    }

    OutputStream out() {
        return out;
    }

    /** The exchange is over, and the connection is good for another. */
    void keep() {
        usedNs = SystemClock.INSTANCE.nanoTime();
    }

    void reset() {
        if (socket != null) {
            LoopbackListener.reset(socket);
            socket = null;
        }
    }

    @Override
    public void close() throws IOException {
        if (socket != null) {
            socket.close();
            socket = null;
        }
    }
}
