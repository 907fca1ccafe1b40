package dev.firn.bench.s3.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** One thread that serves its share of the connections. Given a connection, and closed, by any thread. */
final class LoadLoop implements Runnable, AutoCloseable {
    private static final int DROPPED_BYTES = 1 << 20;

    private final Selector selector = Selector.open();
    private final Queue<SocketChannel> arrived = new ConcurrentLinkedQueue<>();
    private final ByteBuffer content;
    private final ByteBuffer dropped = ByteBuffer.allocateDirect(DROPPED_BYTES);
    private final LoadCounters counters;
    private volatile boolean closed;

    LoadLoop(final ByteBuffer content, final LoadCounters counters) throws IOException {
        this.content = content;
        this.counters = counters;
    }

    void serve(final SocketChannel channel) {
        arrived.add(channel);
        selector.wakeup();
    }

    @Override
    public void close() {
        closed = true;
        selector.wakeup();
    }

    @Override
    public void run() {
        try {
            while (!closed) {
                selector.select();
                register();
                final Iterator<SelectionKey> ready = selector.selectedKeys().iterator();
                while (ready.hasNext()) {
                    onReady(ready.next());
                    ready.remove();
                }
            }
            for (final SelectionKey key : selector.keys()) {
                key.channel().close();
            }
            selector.close();
        } catch (final IOException e) {
            // Without its loop the server is none: the benchmark hears of it when its clients fail.
            System.err.println("the load server cannot go on: " + e);
            Runtime.getRuntime().halt(1);
        }
    }

    private void register() throws IOException {
        for (SocketChannel channel = arrived.poll(); channel != null; channel = arrived.poll()) {
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, new LoadConnection(channel, content, dropped, counters));
        }
    }

    private static void onReady(final SelectionKey key) throws IOException {
        final LoadConnection connection = (LoadConnection) key.attachment();
        try {
            key.interestOps(connection.onReady());
        } catch (final IOException e) {
            // A client that is cancelled or closed resets its connections: nothing that anyone has to be told.
            connection.close();
        }
    }
}
