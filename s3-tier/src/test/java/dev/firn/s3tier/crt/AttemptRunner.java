package dev.firn.s3tier.crt;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.StoreBackend;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** Makes attempts on a backend, and waits for what becomes of them. */
final class AttemptRunner implements AutoCloseable {
    private static final long PATIENCE_S = 20;

    private final CrtBackend backend;

    AttemptRunner(final CrtConfig config) {
        this.backend = CrtBackend.open(config, SystemClock.INSTANCE);
    }

    /** A bucket {@code box} of the server, with keys of one's own choice, path style and no proxy. */
    static AttemptRunner on(final WireServer server, final UnaryOperator<CrtConfig.Builder> more) {
        return new AttemptRunner(more.apply(CrtConfig.ofBucket("box")
                        .endpoint(server.endpoint())
                        .eventLoopThreads(1)
                        .proxy(CrtProxy.NONE)
                        .credentials(new CrtCredentials.Fixed("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG", null)))
                .build());
    }

    static AttemptRunner on(final WireServer server) {
        return on(server, UnaryOperator.identity());
    }

    StoreBackend backend() {
        return backend;
    }

    AttemptResult run(final AttemptRequest request) {
        return begin(request).await();
    }

    Begun begin(final AttemptRequest request) {
        final Begun begun = new Begun(request);
        backend.begin(begun.attempt);
        return begun;
    }

    @Override
    public void close() {
        backend.close();
    }

    final class Begun {
        private final CountDownLatch done = new CountDownLatch(1);
        private final Attempt attempt;

        private Begun(final AttemptRequest request) {
            this.attempt = new Attempt(request, Long.MAX_VALUE, _ -> done.countDown());
        }

        void cancel() {
            backend.cancel(attempt);
        }

        boolean isDone() {
            return done.getCount() == 0;
        }

        AttemptResult await() {
            try {
                if (!done.await(PATIENCE_S, TimeUnit.SECONDS)) {
                    throw new AssertionError("no result within " + PATIENCE_S + " s of " + attempt.request());
                }
            } catch (final InterruptedException e) {
                throw new AssertionError(e);
            }
            return attempt.result();
        }
    }
}
