package dev.firn.bench.s3.load;

import com.sun.management.OperatingSystemMXBean;
import dev.firn.bench.harness.WorkerLoop;
import dev.firn.bench.transfer.ObjectBytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * A load for S3 clients, on a free port of the loopback: plain HTTP, every key an object of the same bytes. Asked over its
 * standard input how it is doing, it answers with a {@link LoadReport}; at the end of its input it ends.
 */
public final class LoadServer implements AutoCloseable {
    /** How many processors one loop is meant to be fed by: a quarter of the host serves, the rest is the clients'. */
    private static final int PROCESSORS_A_LOOP = 4;

    private static final int BACKLOG = 1_024;

    private final ServerSocketChannel listener;
    private final List<LoadLoop> loops = new ArrayList<>();
    private final LoadCounters counters = new LoadCounters();
    private final OperatingSystemMXBean host = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private volatile boolean closed;

    private LoadServer(final int objectBytes) throws IOException {
        final ByteBuffer content = ByteBuffer.allocateDirect(objectBytes);
        ObjectBytes.fill(MemorySegment.ofBuffer(content));
        listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        for (int i = 0; i < Math.max(1, Runtime.getRuntime().availableProcessors() / PROCESSORS_A_LOOP); i++) {
            loops.add(new LoadLoop(content, counters));
        }
    }

    /** Starts serving, in daemon threads. */
    public static LoadServer start(final int objectBytes) throws IOException {
        final LoadServer server = new LoadServer(objectBytes);
        for (final LoadLoop loop : server.loops) {
            daemon(loop, "load-loop");
        }
        daemon(server::accept, "load-accept");
        return server;
    }

    public static void main(final String[] arguments) throws IOException {
        final Serving serving = new Serving();
        new WorkerLoop<>(LoadQuestion.class, serving::answer).serve(System.in, System.out);
    }

    /** The process' one server, started by the first question. */
    private static final class Serving {
        private LoadServer server;

        LoadReport answer(final LoadQuestion question) throws IOException {
            if (server == null) {
                server = start(question.objectBytes());
            }
            return server.report();
        }
    }

    public LoadReport report() {
        return new LoadReport(
                listener.socket().getLocalPort(),
                loops.size(),
                host.getProcessCpuTime(),
                counters.requests.sum(),
                counters.refused.sum(),
                counters.bytesReceived.sum(),
                counters.bytesSent.sum());
    }

    private void accept() {
        try {
            for (int next = 0; true; next = (next + 1) % loops.size()) {
                final SocketChannel channel = listener.accept();
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                loops.get(next).serve(channel);
            }
        } catch (final IOException e) {
            if (!closed) {
                System.err.println("the load server accepts no more connections: " + e);
                Runtime.getRuntime().halt(1);
            }
        }
    }

    /** Ends its threads and its connections soon. */
    @Override
    public void close() throws IOException {
        closed = true;
        listener.close();
        loops.forEach(LoadLoop::close);
    }

    private static void daemon(final Runnable task, final String name) {
        final Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }
}
