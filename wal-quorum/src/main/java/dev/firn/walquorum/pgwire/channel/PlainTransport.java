package dev.firn.walquorum.pgwire.channel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.cert.X509Certificate;

/** The bytes as they are. */
final class PlainTransport implements Transport {
    private final SocketChannel socket;

    PlainTransport(final SocketChannel socket) {
        this.socket = socket;
    }

    @Override
    public int read(final ByteBuffer target) throws IOException {
        return socket.read(target);
    }

    @Override
    public boolean write(final ByteBuffer source) throws IOException {
        if (source.hasRemaining()) {
            socket.write(source);
        }
        return !source.hasRemaining();
    }

    @Override
    public boolean holdsInput() {
        return false;
    }

    @Override
    public boolean holdsOutput() {
        return false;
    }

    @Override
    public X509Certificate peerCertificate() {
        return null;
    }

    @Override
    public void close() {
        // It has nothing of its own.
    }
}
