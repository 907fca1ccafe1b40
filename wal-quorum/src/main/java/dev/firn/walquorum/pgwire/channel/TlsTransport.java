package dev.firn.walquorum.pgwire.channel;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/**
 * TLS by the JDK's engine, over off-heap buffers. Several records are read at once; each is decrypted straight into the reader's
 * buffer. What the engine itself leaves on the heap is not in our hands: about 5.5 KiB for a record of 8 KiB and a status.
 */
final class TlsTransport implements Transport {
    private static final MemoryTag TAG = MemoryTag.of("pgwire-tls");
    /** Records of 16 KiB and a little: as many as a read of the socket is worth. */
    private static final int INPUT_RECORDS = 8;

    private final SocketChannel socket;
    private final SSLEngine engine;
    private final OffHeapMemory memory;
    private final MemorySegment inputSegment;
    private final MemorySegment outputSegment;
    private final ByteBuffer nothing;
    /** Between position and limit: what was read, and is not decrypted yet. */
    private final ByteBuffer input;
    /** Between position and limit: what is encrypted, and not sent yet. */
    private final ByteBuffer output;

    /** Whether a whole record may be in the input. */
    private boolean holdsInput;

    private boolean isAtEnd;

    TlsTransport(final SocketChannel socket, final SSLEngine engine, final OffHeapMemory memory) {
        this.socket = socket;
        this.engine = engine;
        this.memory = memory;
        final int packetBytes = engine.getSession().getPacketBufferSize();
        inputSegment = memory.allocate((long) INPUT_RECORDS * packetBytes, TAG);
        outputSegment = memory.allocate(2L * packetBytes, TAG);
        input = inputSegment.asByteBuffer().limit(0);
        output = outputSegment.asByteBuffer().limit(0);
        nothing = ByteBuffer.allocate(0);
    }

    // --- handshake ----------------------------------------------------------------------------------------------

    void beginHandshake() throws SSLException {
        engine.beginHandshake();
    }

    /** What the handshake waits for. */
    enum Step {
        DONE,
        READ,
        WRITE
    }

    /**
     * Goes as far as it can.
     *
     * @param scratch off-heap, with room for a record; nothing is left in it.
     */
    Step handshake(final ByteBuffer scratch) throws IOException {
        while (true) {
            if (output.hasRemaining() && !flush()) {
                return Step.WRITE;
            }
            switch (engine.getHandshakeStatus()) {
                case FINISHED, NOT_HANDSHAKING -> {
                    return Step.DONE;
                }
                case NEED_TASK -> runTasks();
                case NEED_WRAP -> encrypt(nothing);
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    final int position = scratch.position();
                    final Status status = decrypt(scratch).getStatus();
                    if (scratch.position() != position) {
                        throw new SSLException("the server sent data before the TLS handshake was done");
                    }
                    if (status == Status.CLOSED) {
                        throw new EOFException("the server ended TLS within its handshake");
                    }
                    if (status == Status.BUFFER_UNDERFLOW && readSocket() <= 0) {
                        if (isAtEnd) {
                            throw new EOFException("the server closed the connection within the TLS handshake");
                        }
                        return Step.READ;
                    }
                }
            }
        }
    }

    // --- data ---------------------------------------------------------------------------------------------------

    @Override
    public int read(final ByteBuffer target) throws IOException {
        final int before = target.position();
        decryptAll(target);
        if (target.position() == before && !isAtEnd && readSocket() > 0) {
            decryptAll(target);
        }
        final int count = target.position() - before;
        return count == 0 && isAtEnd ? -1 : count;
    }

    private void decryptAll(final ByteBuffer target) throws IOException {
        while (input.hasRemaining()) {
            final SSLEngineResult result = decrypt(target);
            switch (result.getStatus()) {
                case BUFFER_UNDERFLOW -> {
                    holdsInput = false;
                    return;
                }
                case BUFFER_OVERFLOW -> {
                    holdsInput = true;
                    return;
                }
                case CLOSED -> {
                    isAtEnd = true;
                    holdsInput = false;
                    return;
                }
                case OK -> afterRecord(result.getHandshakeStatus());
            }
        }
        holdsInput = false;
    }

    /** A new key or a session ticket wants more than to be read. */
    private void afterRecord(final HandshakeStatus status) throws IOException {
        HandshakeStatus next = status;
        while (next == HandshakeStatus.NEED_TASK || next == HandshakeStatus.NEED_WRAP) {
            if (next == HandshakeStatus.NEED_TASK) {
                runTasks();
            } else if (!output.hasRemaining() || flush()) {
                encrypt(nothing);
                flush();
            } else {
                // The next write does it.
                return;
            }
            next = engine.getHandshakeStatus();
        }
    }

    private SSLEngineResult decrypt(final ByteBuffer target) throws SSLException {
        return engine.unwrap(input, target);
    }

    private int readSocket() throws IOException {
        input.compact();
        try {
            final int count = socket.read(input);
            isAtEnd |= count < 0;
            return count;
        } finally {
            input.flip();
        }
    }

    @Override
    public boolean write(final ByteBuffer source) throws IOException {
        while (true) {
            if (output.hasRemaining() && !flush()) {
                return false;
            }
            if (!source.hasRemaining()) {
                return true;
            }
            encrypt(source);
        }
    }

    /** Into an empty output. */
    private void encrypt(final ByteBuffer source) throws IOException {
        output.clear();
        final SSLEngineResult result;
        try {
            result = engine.wrap(source, output);
        } finally {
            output.flip();
        }
        if (result.getStatus() == Status.CLOSED) {
            throw new EOFException("TLS with the server has ended");
        }
        if (result.getStatus() != Status.OK) {
            throw new SSLException("TLS could not encrypt: " + result.getStatus());
        }
        if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
            runTasks();
        }
    }

    private boolean flush() throws IOException {
        socket.write(output);
        return !output.hasRemaining();
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    @Override
    public boolean holdsInput() {
        return holdsInput;
    }

    @Override
    public boolean holdsOutput() {
        return output.hasRemaining();
    }

    @Override
    public X509Certificate peerCertificate() {
        try {
            return (X509Certificate) engine.getSession().getPeerCertificates()[0];
        } catch (final SSLException e) {
            return null;
        }
    }

    /** Says goodbye if the socket takes it at once: whoever closes does not wait. */
    @Override
    public void close() {
        try {
            engine.closeOutbound();
            if (!output.hasRemaining() && !engine.isOutboundDone()) {
                encrypt(nothing);
                flush();
            }
        } catch (final IOException e) {
            // The socket is closed next, which tells the server as well.
        }
        memory.free(inputSegment);
        memory.free(outputSegment);
    }
}
