package dev.firn.s3tier.check;

import static dev.firn.s3tier.check.Workspace.require;

import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.Part;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.ObjectWritten;
import dev.firn.s3tier.backend.AttemptResult.RangeRead;
import dev.firn.s3tier.store.WriteStamp;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Figures: nothing is asked of them. */
final class SpeedChecks {
    private static final int SMALL_BYTES = 8_192;
    private static final int SAMPLES = 100;
    private static final long SAMPLES_LIMIT_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long STREAM_LIMIT_NS = TimeUnit.SECONDS.toNanos(20);
    private static final long STREAM_BYTES = 64L << 20;
    private static final long PART_BYTES = 8L << 20;
    private static final int PARTS_IN_FLIGHT = 4;

    private final Workspace work;
    private final Clock clock;

    SpeedChecks(final Workspace work, final Clock clock) {
        this.work = work;
        this.clock = clock;
    }

    Finding latency() {
        final String folder = work.folder("latency");
        final Body body = work.body(SMALL_BYTES);
        final List<AttemptRequest> puts = new ArrayList<>();
        final List<AttemptRequest> gets = new ArrayList<>();
        final MemorySegment buffer = work.buffer(SMALL_BYTES);
        for (int i = 0; i < SAMPLES; i++) {
            final String key = work.tracked(folder + i);
            puts.add(work.put(key, body, Precondition.NONE));
            gets.add(new AttemptRequest.GetRange(key, 0, buffer, null));
        }
        final long[] putNs = samples(puts, ObjectWritten.class);
        final long[] getNs = samples(gets.subList(0, putNs.length), RangeRead.class);
        return Finding.figure(String.format(
                Locale.ROOT,
                "8 KiB one after the other: put p50 %.1f ms, p99 %.1f ms; get p50 %.1f ms, p99 %.1f ms (%d of each)",
                ms(putNs, 0.50),
                ms(putNs, 0.99),
                ms(getNs, 0.50),
                ms(getNs, 0.99),
                putNs.length));
    }

    private long[] samples(final List<AttemptRequest> requests, final Class<? extends AttemptResult> wanted) {
        final long[] tookNs = new long[requests.size()];
        final long beginNs = clock.nanoTime();
        int count = 0;
        for (final AttemptRequest request : requests) {
            final long beforeNs = clock.nanoTime();
            if (count > 0 && beforeNs - beginNs > SAMPLES_LIMIT_NS) {
                break;
            }
            require(wanted, work.attempts().settled(request), "a small put or get");
            tookNs[count++] = clock.nanoTime() - beforeNs;
        }
        final long[] sorted = Arrays.copyOf(tookNs, count);
        Arrays.sort(sorted);
        return sorted;
    }

    /** The nearest rank. */
    private static double ms(final long[] sorted, final double quantile) {
        final int rank = (int) Math.ceil(quantile * sorted.length);
        return sorted[Math.max(0, rank - 1)] / 1e6;
    }

    Finding stream() {
        final String key = work.key("stream");
        final WriteStamp stamp = work.stamp();
        final long partBytes = Math.max(PART_BYTES, work.limits().minPartBytes());
        final Body body = work.body(PARTS_IN_FLIGHT * partBytes);
        final String id = work.beginUpload(key, stamp);
        final List<Part> parts = new ArrayList<>();
        final long putBeginNs = clock.nanoTime();
        long bytes = 0;
        do {
            final List<AttemptRequest.UploadPart> group = new ArrayList<>();
            for (int i = 0; i < PARTS_IN_FLIGHT; i++) {
                group.add(part(key, id, parts.size() + i + 1, body, i * partBytes, bytes + i * partBytes, partBytes));
            }
            final List<AttemptResult> results = work.attempts().together(group);
            for (int i = 0; i < PARTS_IN_FLIGHT; i++) {
                parts.add(work.sent(group.get(i), results.get(i)));
            }
            bytes += PARTS_IN_FLIGHT * partBytes;
        } while (bytes < STREAM_BYTES && clock.nanoTime() - putBeginNs < STREAM_LIMIT_NS);
        final AttemptRequest complete = work.complete(key, id, parts, Precondition.NONE, stamp);
        require(ObjectWritten.class, work.attempts().settled(complete), "completing an upload");
        work.uploads().remove(id);
        final double putSeconds = (clock.nanoTime() - putBeginNs) / 1e9;
        final long getBeginNs = clock.nanoTime();
        final long read = readBack(key, body, partBytes, bytes);
        final double getSeconds = (clock.nanoTime() - getBeginNs) / 1e9;
        work.delete(key);
        return Finding.figure(String.format(
                Locale.ROOT,
                "%,d MiB in parts of %,d MiB, %d in flight: put %,.0f MB/s, get %,.0f MB/s",
                bytes >> 20,
                partBytes >> 20,
                PARTS_IN_FLIGHT,
                bytes / 1e6 / putSeconds,
                read / 1e6 / getSeconds));
    }

    private AttemptRequest.UploadPart part(
            final String key,
            final String id,
            final int number,
            final Body body,
            final long from,
            final long offset,
            final long lengthBytes) {
        final AttemptRequest.UploadPart part = work.part(key, id, number, body, from, lengthBytes);
        return new AttemptRequest.UploadPart(key, id, number, offset, part.body(), part.crc32c());
    }

    private long readBack(final String key, final Body body, final long partBytes, final long bytes) {
        final List<MemorySegment> buffers = new ArrayList<>();
        for (int i = 0; i < PARTS_IN_FLIGHT; i++) {
            buffers.add(work.buffer(partBytes));
        }
        final long beginNs = clock.nanoTime();
        long at = 0;
        while (at < bytes && clock.nanoTime() - beginNs < STREAM_LIMIT_NS) {
            final List<AttemptRequest> group = new ArrayList<>();
            for (int i = 0; i < PARTS_IN_FLIGHT; i++) {
                group.add(new AttemptRequest.GetRange(key, at + i * partBytes, buffers.get(i), null));
            }
            final List<AttemptResult> results = work.attempts().together(group);
            for (int i = 0; i < PARTS_IN_FLIGHT; i++) {
                final RangeRead got = require(RangeRead.class, results.get(i), "a ranged get");
                require(
                        got.lengthBytes() == partBytes && body.isAt(i * partBytes, buffers.get(i), partBytes),
                        "a stream of parts came back with other bytes");
            }
            at += PARTS_IN_FLIGHT * partBytes;
        }
        return at;
    }
}
