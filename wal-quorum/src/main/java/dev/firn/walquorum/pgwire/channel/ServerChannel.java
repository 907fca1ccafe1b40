package dev.firn.walquorum.pgwire.channel;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.wakeup.SocketDescriptors;
import dev.firn.walquorum.pgwire.conninfo.Keepalives;
import dev.firn.walquorum.pgwire.conninfo.ServerHost;
import dev.firn.walquorum.pgwire.conninfo.SslMode;
import dev.firn.walquorum.pgwire.conninfo.TlsFiles;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.security.cert.X509Certificate;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import jdk.net.ExtendedSocketOptions;

/** A connected socket, the way that bytes take through it, and a place to wait for it. */
public final class ServerChannel implements AutoCloseable {
    private static final long NANOS_A_MILLI = 1_000_000;
    private static final Consumer<SelectionKey> IGNORED = key -> {};

    private final Clock clock;
    private final OffHeapMemory memory;
    private final SocketChannel socket;
    private final Selector selector;
    private final SelectionKey key;
    private Transport transport;
    private boolean isClosed;

    private ServerChannel(
            final Clock clock,
            final OffHeapMemory memory,
            final SocketChannel socket,
            final Selector selector,
            final SelectionKey key) {
        this.clock = clock;
        this.memory = memory;
        this.socket = socket;
        this.selector = selector;
        this.key = key;
        this.transport = new PlainTransport(socket);
    }

    // --- making it ----------------------------------------------------------------------------------------------

    /**
     * Connects. Blocks until the deadline at most.
     *
     * @throws IOException with a sentence when it cannot.
     */
    public static ServerChannel connect(
            final SocketAddress address,
            final Keepalives keepalives,
            final Clock clock,
            final OffHeapMemory memory,
            final long deadlineNs)
            throws IOException {
        final boolean isLocal = address instanceof UnixDomainSocketAddress;
        final SocketChannel socket = isLocal ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
        Selector selector = null;
        try {
            socket.configureBlocking(false);
            selector = Selector.open();
            final ServerChannel channel =
                    new ServerChannel(clock, memory, socket, selector, socket.register(selector, 0));
            if (!isLocal) {
                setOptions(socket, keepalives);
            }
            channel.awaitConnected(address, deadlineNs);
            return channel;
        } catch (final IOException | RuntimeException e) {
            if (selector != null) {
                selector.close();
            }
            socket.close();
            throw e;
        }
    }

    private static void setOptions(final SocketChannel socket, final Keepalives keepalives) throws IOException {
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        socket.setOption(StandardSocketOptions.SO_KEEPALIVE, keepalives.isOn());
        if (keepalives.isOn() && keepalives.idleSeconds() > 0) {
            socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, keepalives.idleSeconds());
        }
        if (keepalives.isOn() && keepalives.intervalSeconds() > 0) {
            socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, keepalives.intervalSeconds());
        }
        if (keepalives.isOn() && keepalives.count() > 0) {
            socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, keepalives.count());
        }
    }

    private void awaitConnected(final SocketAddress address, final long deadlineNs) throws IOException {
        if (address instanceof InetSocketAddress inet && inet.isUnresolved()) {
            throw new ConnectException("there is no host " + inet.getHostString());
        }
        if (!socket.connect(address)) {
            while (!socket.finishConnect()) {
                awaitBefore(SelectionKey.OP_CONNECT, deadlineNs, "to take the connection");
            }
        }
    }

    /**
     * Goes over to TLS, after the server has agreed to it. Blocks until the deadline at most.
     *
     * @param scratch off-heap, with room for a record of TLS: 32 KiB.
     * @throws TlsRefusedException when a certificate is missing or not good enough.
     */
    public void startTls(
            final SslMode mode,
            final TlsFiles files,
            final ServerHost host,
            final ByteBuffer scratch,
            final long deadlineNs)
            throws IOException {
        final TlsEngines.Made made = TlsEngines.make(mode, files, host);
        final TlsTransport tls = new TlsTransport(socket, made.engine(), memory);
        transport = tls;
        try {
            tls.beginHandshake();
            TlsTransport.Step step = tls.handshake(scratch);
            while (step != TlsTransport.Step.DONE) {
                awaitBefore(
                        step == TlsTransport.Step.READ ? SelectionKey.OP_READ : SelectionKey.OP_WRITE,
                        deadlineNs,
                        "to go on with the TLS handshake");
                step = tls.handshake(scratch);
            }
        } catch (final SSLException e) {
            final String refusal = made.trust().refusal();
            throw new TlsRefusedException(refusal == null ? "the TLS handshake failed: " + e.getMessage() : refusal, e);
        }
    }

    /** The user of the process at the other end of a socket of the file system. */
    public String peerUser() throws IOException {
        return socket.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
    }

    /** The server's; null without TLS. */
    public X509Certificate peerCertificate() {
        return transport.peerCertificate();
    }

    public boolean isTls() {
        return transport instanceof TlsTransport;
    }

    // --- using it -----------------------------------------------------------------------------------------------

    /**
     * Reads the socket at most once; does not block.
     *
     * @param target off-heap.
     * @return bytes read; -1 at the end.
     */
    public int read(final ByteBuffer target) throws IOException {
        return transport.read(target);
    }

    /**
     * Sends as much as the socket takes; does not block.
     *
     * @param source off-heap.
     * @return whether the socket has all of it, and all of before.
     */
    public boolean write(final ByteBuffer source) throws IOException {
        return transport.write(source);
    }

    /** Whether something that was written is waiting for room in the socket. */
    public boolean holdsOutput() {
        return transport.holdsOutput();
    }

    /**
     * Blocks until there is something to read, or room to write when that is asked for, or {@link #wakeup}, or the time is up.
     *
     * @param timeoutNs rounded up to milliseconds.
     */
    public void await(final boolean forRoom, final long timeoutNs) throws IOException {
        if (transport.holdsInput()) {
            return;
        }
        select(forRoom ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ, timeoutNs);
    }

    /** Blocks until there is something to read. */
    public void awaitInput(final long deadlineNs, final String what) throws IOException {
        if (!transport.holdsInput()) {
            awaitBefore(SelectionKey.OP_READ, deadlineNs, what);
        }
    }

    /** Sends all of it. Blocks until the deadline at most. */
    public void writeAll(final ByteBuffer source, final long deadlineNs, final String what) throws IOException {
        while (!transport.write(source)) {
            awaitBefore(SelectionKey.OP_WRITE, deadlineNs, what);
        }
    }

    private void awaitBefore(final int operation, final long deadlineNs, final String what) throws IOException {
        final long leftNs = deadlineNs - clock.nanoTime();
        if (leftNs <= 0) {
            throw new SocketTimeoutException("it took too long " + what);
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("interrupted while waiting for the server " + what);
        }
        select(operation, leftNs);
    }

    private void select(final int operations, final long timeoutNs) throws IOException {
        if (key.interestOps() != operations) {
            key.interestOps(operations);
        }
        if (timeoutNs <= 0) {
            selector.selectNow(IGNORED);
        } else {
            selector.select(IGNORED, (timeoutNs + NANOS_A_MILLI - 1) / NANOS_A_MILLI);
        }
    }

    /** The kernel's; {@link SocketDescriptors#UNKNOWN} when it is not to be had. */
    public int descriptor() {
        return SocketDescriptors.of(socket);
    }

    /** Ends the wait that is under way, or else the next one. From any thread. */
    public void wakeup() {
        selector.wakeup();
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        transport.close();
        try {
            socket.close();
            selector.close();
        } catch (final IOException e) {
            // The descriptors are gone; there is nothing that anybody could do.
        }
    }
}
