package dev.firn.s3tier.s3server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Listens on a free port of loopback, and serves each connection on a virtual thread of its own. */
final class LoopbackListener implements AutoCloseable {
    private static final int BACKLOG = 512;
    private static final Duration END_WITHIN = Duration.ofSeconds(10);

    private final ServerSocket listener;
    private final ConnectionHandler handler;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final Thread acceptor;
    private volatile boolean closed;

    /** A connection with its thread. */
    private record Connection(Socket socket, Thread thread) {}

    /** Serves one connection until it ends; the socket is closed afterwards. */
    @FunctionalInterface
    interface ConnectionHandler {
        void serve(Socket client) throws IOException;
    }

    LoopbackListener(final String name, final ConnectionHandler handler) throws IOException {
        this.handler = handler;
        listener = new ServerSocket();
        listener.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), BACKLOG);
        acceptor = Thread.ofVirtual().name(name).start(this::acceptAll);
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    private void acceptAll() {
        while (!closed) {
            try {
                final Socket client = listener.accept();
                client.setTcpNoDelay(true);
                serve(client);
            } catch (final IOException e) {
                if (!closed) {
                    throw new UncheckedIOException("a test's listener failed", e);
                }
            }
        }
    }

    private void serve(final Socket client) {
        final Connection[] connection = new Connection[1];
        final Thread thread = Thread.ofVirtual().unstarted(() -> {
            try (client) {
                handler.serve(client);
            } catch (final IOException brokenOff) {
                // What one side broke off, the other shall see broken off too.
                reset(client);
            } finally {
                connections.remove(connection[0]);
            }
        });
        connection[0] = new Connection(client, thread);
        connections.add(connection[0]);
        thread.start();
        if (closed) {
            reset(client);
        }
    }

    /** Ends a connection with a RST in place of a FIN: what is on its way is lost. */
    static void reset(final Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (final IOException alreadyClosed) {
            assert socket.isClosed() : alreadyClosed;
        }
    }

    int connections() {
        return connections.size();
    }

    /** Ends every connection that there is. */
    void resetConnections() {
        connections.forEach(connection -> reset(connection.socket()));
    }

    @Override
    public void close() {
        closed = true;
        try {
            listener.close();
            for (final Connection connection : connections) {
                reset(connection.socket());
                connection.thread().interrupt();
            }
            acceptor.join(END_WITHIN);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!Waiting.<RuntimeException>until(END_WITHIN, connections::isEmpty)) {
            throw new IllegalStateException(connections.size() + " connections of a test's listener do not end");
        }
    }
}
