package dev.firn.bench.quorum;

import dev.firn.bench.meter.LatencyRecorder;
import dev.firn.bench.meter.XorShift;
import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;

/** Carries out jobs on one quorum and one set of plain files, which are made with the first. For one thread. */
final class QuorumRunner implements AutoCloseable {
    /** What an append to the log adds to its bytes, up to whole blocks: FrameLayout of the log. */
    private static final int FRAME_HEADER_BYTES = 64;

    private static final int ALIGNMENT = 4_096;
    private static final int PIECE_BYTES = 256 << 10;

    /** How often the nodes are told that all is archived. */
    private static final int PIECES_AN_ARCHIVE = 32;

    private final Clock clock;
    private final UnsafeBuffer wal = new UnsafeBuffer(new byte[PIECE_BYTES]);
    private QuorumBed bed;
    private Storage storage;
    private PlainFiles plain;

    QuorumRunner(final Clock clock) {
        this.clock = clock;
        final XorShift noise = new XorShift(1);
        for (int i = 0; i < PIECE_BYTES; i += Long.BYTES) {
            wal.putLong(i, noise.nextLong());
        }
    }

    Object run(final QuorumJob job) throws IOException {
        if (bed == null) {
            final Path directory = Path.of(job.directory());
            storage = new HostStorage(Files.createDirectories(directory.resolve("plain")));
            plain = new PlainFiles(storage, clock);
            bed = new QuorumBed(directory);
        }
        return switch (job) {
            case QuorumJob.RoundTrips trips -> roundTrips(trips);
            case QuorumJob.Stream stream -> stream(stream);
            case QuorumJob.PlainStream stream -> plainStream(stream);
        };
    }

    private RoundTripAnswer roundTrips(final QuorumJob.RoundTrips job) {
        final LatencyRecorder quorum = new LatencyRecorder();
        final LatencyRecorder flush = new LatencyRecorder();
        final LatencyRecorder oneFlush = new LatencyRecorder();
        final int blocks = (job.bytes() + FRAME_HEADER_BYTES + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        final long endNs = clock.nanoTime() + job.measureNs();
        long allocated = 0;
        do {
            allocated -= bed.allocatedBytes();
            final long startedNs = clock.nanoTime();
            bed.appendAndWait(wal, job.bytes());
            quorum.record(clock.nanoTime() - startedNs);
            allocated += bed.allocatedBytes();
            flush.record(plain.write(blocks, PlainFiles.FILES));
            oneFlush.record(plain.write(blocks, 1));
        } while (clock.nanoTime() - endNs < 0);
        bed.archiveCommitted();
        return new RoundTripAnswer(
                quorum.count(),
                Percentiles.of(quorum),
                Percentiles.of(flush),
                Percentiles.of(oneFlush),
                allocated,
                plain.describe());
    }

    private StreamAnswer stream(final QuorumJob.Stream job) {
        final long allocatedBefore = bed.allocatedBytes();
        final long beginLsn = bed.writer.committedLsn();
        final long startNs = clock.nanoTime();
        final long endNs = startNs + job.measureNs();
        long pieces = 0;
        long nowNs;
        do {
            while (bed.writer.room() >= PIECE_BYTES) {
                bed.writer.append(bed.writer.wantedFromLsn(), wal, 0, PIECE_BYTES);
                if (++pieces % PIECES_AN_ARCHIVE == 0) {
                    bed.archiveCommitted();
                }
            }
            bed.work();
            nowNs = clock.nanoTime();
        } while (nowNs - endNs < 0);
        final long bytes = bed.writer.committedLsn() - beginLsn;
        final long allocated = bed.allocatedBytes() - allocatedBefore;
        final long behind = bed.behindBytes();
        while (bed.writer.isOutstanding()) {
            bed.work();
        }
        bed.archiveCommitted();
        return new StreamAnswer(bytes, nowNs - startNs, pieces, allocated, behind, plain.describe());
    }

    private StreamAnswer plainStream(final QuorumJob.PlainStream job) {
        final long startNs = clock.nanoTime();
        final long bytes = plain.stream(job.blockBytes(), job.inFlight(), job.measureNs());
        return new StreamAnswer(bytes, clock.nanoTime() - startNs, bytes / job.blockBytes(), 0, 0, plain.describe());
    }

    @Override
    public void close() {
        if (bed != null) {
            bed.close();
            plain.close();
            storage.close();
        }
    }
}
