package dev.firn.walquorum.pgwire.channel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;

/** How bytes pass the socket. Does not block. */
sealed interface Transport extends AutoCloseable permits PlainTransport, TlsTransport {
    /**
     * Reads the socket at most once.
     *
     * @param target off-heap.
     * @return the bytes that were put into it; 0 when there are none, -1 when there will be none any more.
     */
    int read(ByteBuffer target) throws IOException;

    /**
     * Sends what it has room for.
     *
     * @param source off-heap; its position moves by what was taken.
     * @return whether all of it, and of what was taken before, is in the socket's hands.
     */
    boolean write(ByteBuffer source) throws IOException;

    /** Whether {@link #read} has something without the socket having anything. */
    boolean holdsInput();

    /** Whether it has taken something that the socket had no room for. */
    boolean holdsOutput();

    /** Null without TLS. */
    X509Certificate peerCertificate();

    /** Gives its memory back; the socket is another's. */
    @Override
    void close();
}
