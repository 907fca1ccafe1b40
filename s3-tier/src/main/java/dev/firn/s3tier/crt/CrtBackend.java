package dev.firn.s3tier.crt;

import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.GetRange;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.backend.StoreBackend;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.StoreLimits;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import software.amazon.awssdk.crt.http.DirectBodies;

/**
 * S3, and what speaks like it, by the AWS CRT: its HTTP client, signer, TLS and credentials, and not its S3 client, which copies
 * bodies once more, retries by itself and costs several times the processor's time for small requests
 * (docs/decisions/2026-11-21-crt-copies.md).
 *
 * <p>An attempt is one request and its answer; only a long read is several (see {@link RangedRead}). Nothing is tried again
 * here. Thread-safe.
 */
public final class CrtBackend implements StoreBackend {
    private static final long MIB = 1L << 20;

    /** S3's own bounds: User Guide, "Amazon S3 multipart upload limits". */
    private static final long LEAST_PART_BYTES = 5 * MIB;

    private static final long GREATEST_BODY_BYTES = 5L * 1_024 * MIB;

    private final CrtConfig config;
    private final Addressing addressing;
    private final StoreLimits limits;
    private final CrtClient client;

    /** Guarded by itself, as is closed. */
    private final Set<Running> running = new HashSet<>();

    private boolean closed;

    private CrtBackend(final CrtConfig config, final Clock clock) {
        this.config = config;
        this.addressing = new Addressing(config);
        this.limits = withinS3(config);
        this.client = new CrtClient(config, addressing, clock);
    }

    /**
     * Opens a bucket. Nothing is sent yet: whether it is there, the first attempt tells.
     *
     * @throws RuntimeException when the CRT cannot be loaded on this host, or the CA file cannot be read.
     */
    public static CrtBackend open(final CrtConfig config, final Clock clock) {
        return new CrtBackend(config, clock);
    }

    @Override
    public String describe() {
        return addressing.address() + " at " + addressing.connectTo() + ", region " + config.region() + ", "
                + config.credentials().describe() + ", " + config.proxy().describe() + ", checksum "
                + config.checksum() + ", " + limits.connections() + " connections on " + config.eventLoopThreads()
                + " threads" + (DirectBodies.isAvailable() ? "" : ", bodies copied once more than need be");
    }

    @Override
    public StoreLimits limits() {
        return limits;
    }

    @Override
    public String addressOf(final String key) {
        return addressing.addressOf(key);
    }

    @Override
    public void begin(final Attempt attempt) {
        final AttemptRequest request = attempt.request();
        final Running[] self = new Running[1];
        self[0] = request instanceof final GetRange get
                ? new RangedRead(client, get, result -> end(self[0], attempt, result))
                : new Exchange(client, request, result -> end(self[0], attempt, result));
        attempt.backendState(self[0]);
        synchronized (running) {
            if (!closed) {
                running.add(self[0]);
            }
        }
        if (isRunning(self[0])) {
            self[0].start();
        } else {
            attempt.complete(Failures.refused(request, FailureKind.CANCELLED, Retry.NEVER, "the store is closed"));
        }
    }

    @Override
    public void cancel(final Attempt attempt) {
        if (attempt.backendState() instanceof final Running begun) {
            begun.cancel();
        }
    }

    @Override
    public void close() {
        final List<Running> left;
        synchronized (running) {
            if (closed) {
                return;
            }
            closed = true;
            left = List.copyOf(running);
        }
        left.forEach(Running::cancel);
        boolean interrupted = false;
        synchronized (running) {
            while (!running.isEmpty()) {
                try {
                    running.wait();
                } catch (final InterruptedException _) {
                    interrupted = true;
                }
            }
        }
        client.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isRunning(final Running work) {
        synchronized (running) {
            return running.contains(work);
        }
    }

    private void end(final Running work, final Attempt attempt, final AttemptResult result) {
        try {
            attempt.complete(result);
        } finally {
            synchronized (running) {
                running.remove(work);
                running.notifyAll();
            }
        }
    }

    private static StoreLimits withinS3(final CrtConfig config) {
        final StoreLimits asked = config.limits();
        return asked.withClient(CrtClient.connectionsWithin(config), asked.memoryBytes())
                .withParts(
                        Math.min(asked.maxPutBytes(), GREATEST_BODY_BYTES),
                        Math.max(asked.minPartBytes(), LEAST_PART_BYTES),
                        Math.clamp(asked.maxPartBytes(), LEAST_PART_BYTES, GREATEST_BODY_BYTES));
    }
}
