package dev.firn.s3tier.s3server;

import dev.firn.nativeio.seam.SystemRandom;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;

/**
 * Stands between a client and an S3 server, and lets happen what is injected: see {@link Fault}. Everything else passes unchanged,
 * the {@code Host} header too, so that signatures stay right.
 *
 * <p>Of the faults injected the first whose pattern matches a request happens to it; each request meets one at most.
 */
public final class FaultProxy implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final Duration END_WITHIN = Duration.ofSeconds(10);

    private final URI server;
    private final RandomGenerator random;
    private final LoopbackListener listener;
    private final List<Injection> injections = new CopyOnWriteArrayList<>();
    private final Set<ServerTrait> traits = ConcurrentHashMap.newKeySet();
    private final StaleLists staleLists = new StaleLists();
    private final LongAdder requests = new LongAdder();
    private final Set<Thread> duplicates = ConcurrentHashMap.newKeySet();

    private FaultProxy(final URI server, final long seed) throws IOException {
        this.server = server;
        this.random = SystemRandom.seeded(seed);
        this.listener = new LoopbackListener("fault-proxy", this::serve);
    }

    /** @param seed of probabilities and of the places of flipped bits. */
    public static FaultProxy before(final URI server, final long seed) throws IOException {
        return new FaultProxy(server, seed);
    }

    /** Where the client finds what it takes for the server. */
    public URI endpoint() {
        return listener.endpoint();
    }

    /** From now on the fault happens to requests that match. */
    public Injection inject(final Fault fault, final RequestPattern pattern) {
        final Injection injection = new Injection(fault, pattern);
        injections.add(injection);
        return injection;
    }

    /** From now on the server has this trait. */
    public void give(final ServerTrait trait) {
        traits.add(trait);
    }

    /** No faults and no traits any more. What is happening goes on. */
    public void clear() {
        injections.clear();
        traits.clear();
        staleLists.forget();
    }

    /** Breaks all connections that there are. */
    public void resetConnections() {
        listener.resetConnections();
    }

    /** Requests that have come. */
    public long requests() {
        return requests.sum();
    }

    /** Connections that clients hold now. */
    public int connections() {
        return listener.connections();
    }

    private void serve(final Socket client) throws IOException {
        final InputStream in = new BufferedInputStream(client.getInputStream(), BUFFER_BYTES);
        final OutputStream out = new BufferedOutputStream(client.getOutputStream(), BUFFER_BYTES);
        try (Upstream upstream = new Upstream(server)) {
            boolean goesOn = true;
            while (goesOn) {
                final HttpHead request = HttpHead.read(in);
                goesOn = request != null
                        && pass(client, in, new Exchange(request, in, out, upstream, Exchange.Gate.OPEN), upstream);
            }
        }
    }

    private boolean pass(final Socket client, final InputStream in, final Exchange exchange, final Upstream upstream)
            throws IOException {
        requests.increment();
        final FaultyPassage passage = new FaultyPassage(this, client, in, exchange, upstream);
        for (final Injection injection : injections) {
            if (injection.happensTo(exchange.request(), this)) {
                return passage.passWith(injection.fault());
            }
        }
        return passage.pass();
    }

    Set<ServerTrait> traits() {
        return traits;
    }

    StaleLists staleLists() {
        return staleLists;
    }

    double nextDouble() {
        synchronized (random) {
            return random.nextDouble();
        }
    }

    long nextBelow(final long bound) {
        synchronized (random) {
            return random.nextLong(bound);
        }
    }

    /** Sends a request once more, on a connection of its own. */
    void sendLater(final HttpHead request, final byte[] body, final Duration delay) {
        final Thread thread = Thread.ofVirtual().unstarted(() -> {
            try (Upstream upstream = new Upstream(server)) {
                Waiting.pause(delay.toNanos());
                if (!Thread.currentThread().isInterrupted()) {
                    final Exchange exchange = new Exchange(
                            request,
                            InputStream.nullInputStream(),
                            OutputStream.nullOutputStream(),
                            upstream,
                            Exchange.Gate.OPEN);
                    exchange.passRequest(request, body);
                    exchange.skipAnswer();
                }
            } catch (final IOException nobodyHears) {
                assert nobodyHears != null;
            } finally {
                duplicates.remove(Thread.currentThread());
            }
        });
        duplicates.add(thread);
        thread.start();
    }

    /** Waits until every duplicate has been sent and answered. */
    public void awaitDuplicates() {
        if (!Waiting.<RuntimeException>until(END_WITHIN, duplicates::isEmpty)) {
            throw new IllegalStateException(duplicates.size() + " duplicated requests are not answered");
        }
    }

    @Override
    public void close() {
        duplicates.forEach(Thread::interrupt);
        listener.close();
        awaitDuplicates();
    }

    /** A fault that is waiting for requests, and how often it has happened. */
    public static final class Injection {
        private final Fault fault;
        private final RequestPattern pattern;
        private long matched;
        private long happened;
        private boolean removed;

        private Injection(final Fault fault, final RequestPattern pattern) {
            this.fault = fault;
            this.pattern = pattern;
        }

        /** Whether it happens to this request; counts it then. */
        private synchronized boolean happensTo(final HttpHead request, final FaultProxy proxy) {
            if (removed || !pattern.matches(request)) {
                return false;
            }
            matched++;
            if (matched <= pattern.skip()
                    || happened >= pattern.most()
                    || (pattern.probability() < 1.0 && proxy.nextDouble() >= pattern.probability())) {
                return false;
            }
            happened++;
            return true;
        }

        Fault fault() {
            return fault;
        }

        /** How often it has happened. */
        public synchronized long count() {
            return happened;
        }

        /** It happens no more. */
        public synchronized void remove() {
            removed = true;
        }
    }
}
