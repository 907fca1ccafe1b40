package dev.firn.bench.pages;

import com.sun.management.ThreadMXBean;
import dev.firn.bench.meter.LatencyRecorder;
import dev.firn.bench.meter.Measurement;
import dev.firn.bench.meter.Meter;
import dev.firn.bench.meter.XorShift;
import dev.firn.nativeio.network.MessageHandler;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.service.PageClient;
import dev.firn.pagestore.service.PageClientConfig;
import dev.firn.pagestore.service.PageHandler;
import dev.firn.pagestore.service.PageService;
import dev.firn.pagestore.service.PageServiceConfig;
import dev.firn.pagestore.service.ReadRefusal;
import dev.firn.transport.aeron.AddressTable;
import dev.firn.transport.aeron.AeronEndpoint;
import dev.firn.transport.aeron.AeronNetwork;
import dev.firn.transport.aeron.DriverChoice;
import dev.firn.transport.aeron.DriverProfile;
import dev.firn.transport.aeron.MessageLimit;
import dev.firn.transport.aeron.NodeAddress;
import dev.firn.transport.request.RequestFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.agrona.DirectBuffer;

/**
 * A page server and a client over IPC, a spinning thread each: what the profile {@code lowest-latency} gives. The callers are the client's: each
 * has one page asked for, as backends have of the compute that they share.
 */
final class ServedPages implements AutoCloseable, PageHandler {
    static final int BLOCKS = 1_024;
    private static final long CACHE_BYTES = 16L << 20;
    private static final int SERVER = 0;
    private static final int CLIENT = 1;
    private static final int LIMIT = 64;
    private static final long REST_NS = 1_000_000L;
    private static final int MOST_CALLERS = 64;
    private static final long TIMEOUT_NS = 30_000_000_000L;
    private static final long SEED = 0x6765747061676573L;

    private final Clock clock = SystemClock.INSTANCE;
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final AeronNetwork network;
    private final Thread server;
    private final CountDownLatch ready = new CountDownLatch(1);
    private volatile boolean stopping;

    /** Between runs the server's thread rests: the rival is measured meanwhile. */
    private volatile boolean resting;

    private volatile Throwable failure;
    private final AeronEndpoint endpoint;
    private final PageClient client;
    private final MessageHandler toClient;
    private final XorShift random = new XorShift(SEED);
    private final LatencyRecorder latency = new LatencyRecorder();
    private final long[] startedNs = new long[MOST_CALLERS];
    private boolean asking;
    private int open;

    ServedPages(final Path directory) throws IOException {
        network = new AeronNetwork(
                AddressTable.of(Map.of(SERVER, NodeAddress.IPC, CLIENT, NodeAddress.IPC)),
                DriverChoice.embedded(DriverProfile.SHARED_MACHINE));
        server = Thread.ofPlatform().name("page-server").start(() -> serve(directory));
        endpoint = network.open(CLIENT, MessageLimit.QUARTER);
        client = new PageClient(endpoint, clock, SystemRandom.secure(), PageClientConfig.DEFAULT, this);
        toClient = client::onMessage;
        try {
            ready.await();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the page server starts", e);
        }
        final long deadlineNs = clock.nanoTime() + TIMEOUT_NS;
        while (!endpoint.connectedTo(SERVER)) {
            requireServer();
            poll();
            if (clock.nanoTime() - deadlineNs > 0) {
                throw new IllegalStateException("the client does not reach the page server");
            }
        }
    }

    private void serve(final Path directory) {
        try (PageBed bed =
                new PageBed(directory, new PageBed.Shape(new GeneratedPages(BLOCKS, 8), 2 * BLOCKS, CACHE_BYTES))) {
            final AeronEndpoint own = network.open(SERVER);
            final PageService service =
                    new PageService(own, clock, PageServiceConfig.DEFAULT, bed.shard(), bed.memory());
            final MessageHandler toService = service::onMessage;
            ready.countDown();
            while (!stopping) {
                if (resting) {
                    LockSupport.parkNanos(REST_NS);
                }
                final int done = own.poll(toService, LIMIT) + service.doWork(LIMIT) + bed.work();
                if (done == 0) {
                    Thread.onSpinWait();
                }
            }
            service.close();
        } catch (final IOException e) {
            failure = new UncheckedIOException(e);
        } catch (final Throwable e) {
            failure = e;
        } finally {
            ready.countDown();
        }
    }

    private void requireServer() {
        if (failure != null) {
            throw new IllegalStateException("the page server failed", failure);
        }
    }

    Measurement run(final int callers, final long measureNs) {
        resting = false;
        asking = true;
        open = callers;
        for (int caller = 0; caller < callers; caller++) {
            ask(caller);
        }
        runUntil(clock.nanoTime() + measureNs);
        latency.reset();
        final Meter meter = new Meter(clock);
        final long before = threads.getThreadAllocatedBytes(server.threadId());
        meter.start();
        runUntil(clock.nanoTime() + measureNs);
        meter.stop();
        final Measurement measurement = meter.measurement(
                latency.count(),
                latency,
                threads.getThreadAllocatedBytes(server.threadId()) - before,
                "IPC, two spinning threads");
        asking = false;
        while (open > 0) {
            requireServer();
            poll();
        }
        resting = true;
        return measurement;
    }

    private void runUntil(final long deadlineNs) {
        while (clock.nanoTime() - deadlineNs < 0) {
            requireServer();
            poll();
        }
    }

    private void poll() {
        if (endpoint.poll(toClient, LIMIT) + client.doWork() == 0) {
            Thread.onSpinWait();
        }
    }

    private void ask(final int caller) {
        startedNs[caller] = clock.nanoTime();
        final int block = (int) random.nextBelow(BLOCKS);
        while (client.getPage(
                        SERVER,
                        PageBed.TIMELINE_ID,
                        PageService.NEWEST,
                        0,
                        GeneratedPages.TABLESPACE,
                        GeneratedPages.DATABASE,
                        GeneratedPages.RELATION,
                        0,
                        block,
                        TIMEOUT_NS,
                        caller)
                != SendResult.SENT) {
            requireServer();
            Thread.onSpinWait();
        }
    }

    @Override
    public void onPage(final long token, final long lsn, final DirectBuffer buffer, final int offset) {
        final int caller = (int) token;
        latency.record(clock.nanoTime() - startedNs[caller]);
        if (asking) {
            ask(caller);
        } else {
            open--;
        }
    }

    @Override
    public void onRefused(final long token, final ReadRefusal refusal, final long appliedLsn, final String sentence) {
        throw new IllegalStateException(refusal + ": " + sentence);
    }

    @Override
    public void onFailure(final long token, final RequestFailure why) {
        throw new IllegalStateException("a request failed: " + why);
    }

    @Override
    public void close() {
        stopping = true;
        try {
            server.join();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        network.close();
    }
}
