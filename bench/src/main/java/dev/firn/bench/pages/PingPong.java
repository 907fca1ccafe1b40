package dev.firn.bench.pages;

import dev.firn.bench.meter.LatencyRecorder;
import dev.firn.bench.meter.Measurement;
import dev.firn.bench.meter.Meter;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemClock;
import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Subscription;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.logbuffer.BufferClaim;
import io.aeron.logbuffer.FragmentHandler;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;

/** The floor: messages of a request's length to another thread, which answers each with 8 KiB copied into the log. Nothing but Aeron's IPC. */
final class PingPong implements AutoCloseable {
    private static final int ASK_STREAM = 1_001;
    private static final int ANSWER_STREAM = 1_002;
    private static final int ASK_BYTES = 128;
    private static final int ANSWER_BYTES = 8_192 + 64;
    private static final int LIMIT = 64;

    /** An answer is one fragment, as the network of Firn has it. */
    private static final int MTU_BYTES = 16 << 10;

    private static final long REST_NS = 1_000_000L;
    private static final String IPC = "aeron:ipc";

    private final Clock clock = SystemClock.INSTANCE;
    private final MediaDriver driver;
    private final Aeron aeron;
    private final Thread echo;
    private final CountDownLatch ready = new CountDownLatch(1);
    private volatile boolean stopping;

    /** Between runs the other thread rests: Firn is measured meanwhile. */
    private volatile boolean resting;

    private final ExclusivePublication asks;
    private final Subscription answers;
    private final BufferClaim claim = new BufferClaim();
    private final FragmentHandler onAnswer = (buffer, offset, length, header) -> answered(buffer.getLong(offset));
    private final LatencyRecorder latency = new LatencyRecorder();
    private boolean asking;
    private int open;

    PingPong(final Path directory) {
        driver = MediaDriver.launchEmbedded(new MediaDriver.Context()
                .aeronDirectoryName(directory.resolve("aeron").toString())
                .threadingMode(ThreadingMode.SHARED)
                .ipcMtuLength(MTU_BYTES)
                .dirDeleteOnShutdown(true));
        aeron = Aeron.connect(new Aeron.Context().aeronDirectoryName(driver.aeronDirectoryName()));
        echo = Thread.ofPlatform().name("echo").start(this::echo);
        asks = aeron.addExclusivePublication(IPC, ASK_STREAM);
        answers = aeron.addSubscription(IPC, ANSWER_STREAM);
        try {
            ready.await();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the echo starts", e);
        }
        while (!asks.isConnected() || !answers.isConnected()) {
            Thread.onSpinWait();
        }
    }

    private void echo() {
        final ExclusivePublication publication = aeron.addExclusivePublication(IPC, ANSWER_STREAM);
        final Subscription subscription = aeron.addSubscription(IPC, ASK_STREAM);
        final UnsafeBuffer page = new UnsafeBuffer(new byte[ANSWER_BYTES]);
        final BufferClaim room = new BufferClaim();
        final FragmentHandler onAsk = (buffer, offset, length, header) -> {
            while (publication.tryClaim(ANSWER_BYTES, room) < 0) {
                Thread.onSpinWait();
            }
            room.buffer().putBytes(room.offset(), page, 0, ANSWER_BYTES);
            room.buffer().putLong(room.offset(), buffer.getLong(offset));
            room.commit();
        };
        ready.countDown();
        while (!stopping) {
            if (resting) {
                LockSupport.parkNanos(REST_NS);
            }
            if (subscription.poll(onAsk, LIMIT) == 0) {
                Thread.onSpinWait();
            }
        }
    }

    Measurement run(final int callers, final long measureNs) {
        resting = false;
        asking = true;
        open = callers;
        for (int caller = 0; caller < callers; caller++) {
            ask();
        }
        runUntil(clock.nanoTime() + measureNs);
        latency.reset();
        final Meter meter = new Meter(clock);
        meter.start();
        runUntil(clock.nanoTime() + measureNs);
        meter.stop();
        asking = false;
        while (open > 0) {
            poll();
        }
        resting = true;
        return meter.measurement(latency.count(), latency, 0, "bare Aeron IPC, two spinning threads");
    }

    private void runUntil(final long deadlineNs) {
        while (clock.nanoTime() - deadlineNs < 0) {
            poll();
        }
    }

    private void poll() {
        if (answers.poll(onAnswer, LIMIT) == 0) {
            Thread.onSpinWait();
        }
    }

    private void ask() {
        while (asks.tryClaim(ASK_BYTES, claim) < 0) {
            Thread.onSpinWait();
        }
        claim.buffer().putLong(claim.offset(), clock.nanoTime());
        claim.commit();
    }

    private void answered(final long askedNs) {
        latency.record(clock.nanoTime() - askedNs);
        if (asking) {
            ask();
        } else {
            open--;
        }
    }

    @Override
    public void close() {
        stopping = true;
        try {
            echo.join();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        aeron.close();
        driver.close();
    }
}
