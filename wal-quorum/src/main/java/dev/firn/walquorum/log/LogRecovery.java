package dev.firn.walquorum.log;

import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageFile;
import dev.firn.walquorum.term.TermHistory;
import java.lang.foreign.MemorySegment;

/**
 * Finds the end of a log: reads its frames in order until one is not the next one.
 *
 * <p>What follows the end was never acknowledged: it is the torn or lost part of writes that were on their way. A frame that
 * is whole but makes no sense (its bytes do not go on where the log ends) is not that, and is refused.
 *
 * <p><b>The last frames are written once more</b>, the same bytes to the same place, before anyone hears of them. A write that was on its
 * way when the process ended, or whose flush failed, may be read back and still not be on the device, and a sync may say nothing
 * of it. Acknowledged frames would then be written behind one that the next loss of power takes away. How many can be concerned
 * is {@link LogConfig#MAX_IN_FLIGHT}. Blocks: for start.
 */
final class LogRecovery {
    private final Storage storage;
    private final long log;
    private final LogConfig config;
    private final MemorySegment buffer;
    private final long[] lastSegments = new long[LogConfig.MAX_IN_FLIGHT];
    private final long[] lastOffsets = new long[LogConfig.MAX_IN_FLIGHT];
    private final int[] lastLengths = new int[LogConfig.MAX_IN_FLIGHT];

    final FrameIndex index = new FrameIndex();
    TermHistory history = new TermHistory();
    long followedTerm;
    final long startLsn;
    long endLsn;
    long sequence;
    int previousCrc;

    /** Where the next frame goes. */
    long segment;

    long offset;

    /**
     * @param startLsn where the log began when it was made.
     * @param buffer for one frame; borrowed.
     */
    LogRecovery(
            final Storage storage,
            final long log,
            final long startLsn,
            final LogConfig config,
            final MemorySegment buffer) {
        this.storage = storage;
        this.log = log;
        this.startLsn = startLsn;
        this.endLsn = startLsn;
        this.config = config;
        this.buffer = buffer;
    }

    void run() {
        findEnd();
        writeLastFramesAgain();
    }

    private void findEnd() {
        while (storage.exists(SegmentNames.of(segment))) {
            final long before = sequence;
            offset = 0;
            try (StorageFile file = storage.open(SegmentNames.of(segment), Access.DIRECT)) {
                while (takeFrame(file)) {
                    sequence++;
                }
            }
            if (sequence == before || !storage.exists(SegmentNames.of(segment + 1)) || !continuesIn(segment + 1)) {
                return;
            }
            segment++;
        }
    }

    private void writeLastFramesAgain() {
        final int count = (int) Math.min(sequence, LogConfig.MAX_IN_FLIGHT);
        for (long frame = sequence - count; frame < sequence; frame++) {
            final int slot = (int) (frame % LogConfig.MAX_IN_FLIGHT);
            try (StorageFile file = storage.open(SegmentNames.of(lastSegments[slot]), Access.DIRECT)) {
                final MemorySegment bytes = buffer.asSlice(0, lastLengths[slot]);
                if (file.read(lastOffsets[slot], bytes) != bytes.byteSize() || !FrameLayout.isIntact(buffer, 0)) {
                    throw new LogException("the WAL log's " + file.name() + " reads differently at " + lastOffsets[slot]
                            + " from one time to the next: the disk is failing");
                }
                file.write(lastOffsets[slot], bytes);
                file.sync();
            }
        }
    }

    private boolean continuesIn(final long next) {
        try (StorageFile file = storage.open(SegmentNames.of(next), Access.DIRECT)) {
            return isNext(file, 0);
        }
    }

    private boolean takeFrame(final StorageFile file) {
        if (!isNext(file, offset)) {
            return false;
        }
        final int payload = FrameLayout.payloadBytes(buffer, 0);
        final long lsn = FrameLayout.lsn(buffer, 0);
        final long term = FrameLayout.term(buffer, 0);
        switch (FrameLayout.kind(buffer, 0)) {
            case APPEND -> {
                if (lsn != endLsn || term != followedTerm) {
                    throw senseless(file, "bytes of term " + term + " from LSN " + lsn);
                }
                index.add(lsn, payload, segment, offset + FrameLayout.HEADER_BYTES);
                endLsn = lsn + payload;
            }
            case HAND_OVER -> {
                if (lsn > endLsn || lsn < startLsn || term <= followedTerm) {
                    throw senseless(file, "a hand-over to term " + term + " at LSN " + lsn);
                }
                history = historyOf(file, payload);
                followedTerm = term;
                endLsn = lsn;
                index.cutAt(lsn);
            }
            case null -> throw senseless(file, "a frame of a kind that this version does not know");
        }
        previousCrc = FrameLayout.crc(buffer, 0);
        final int slot = (int) (sequence % LogConfig.MAX_IN_FLIGHT);
        lastSegments[slot] = segment;
        lastOffsets[slot] = offset;
        lastLengths[slot] = FrameLayout.alignedBytes(payload);
        offset += FrameLayout.alignedBytes(payload);
        return true;
    }

    private TermHistory historyOf(final StorageFile file, final int payload) {
        try {
            return HistoryCodec.decode(buffer, FrameLayout.HEADER_BYTES, payload);
        } catch (final IllegalArgumentException e) {
            throw senseless(file, e.getMessage());
        }
    }

    /** Reads the frame at this offset into the buffer, and says whether it is the next one of the log. */
    private boolean isNext(final StorageFile file, final long at) {
        if (at + FrameLayout.ALIGNMENT > config.segmentBytes()
                || file.read(at, buffer.asSlice(0, FrameLayout.ALIGNMENT)) < FrameLayout.ALIGNMENT
                || !FrameLayout.hasHeader(buffer, 0)) {
            return false;
        }
        requireKnownVersion(file, at);
        final int payload = FrameLayout.payloadBytes(buffer, 0);
        if (payload < 0 || payload > config.frameBytes() - FrameLayout.HEADER_BYTES) {
            return false;
        }
        final int whole = FrameLayout.alignedBytes(payload);
        return at + whole <= config.segmentBytes()
                && (whole == FrameLayout.ALIGNMENT || file.read(at, buffer.asSlice(0, whole)) == whole)
                && FrameLayout.isIntact(buffer, 0)
                && FrameLayout.log(buffer, 0) == log
                && FrameLayout.sequence(buffer, 0) == sequence
                && FrameLayout.previousCrc(buffer, 0) == previousCrc;
    }

    /** A process writes all of a segment in one format, so its first frame tells; further on, an odd version is a torn write. */
    private void requireKnownVersion(final StorageFile file, final long at) {
        final int version = FrameLayout.version(buffer, 0);
        if (at == 0 && !FrameLayout.isKnownVersion(version)) {
            throw new LogException("the WAL log's " + file.name() + " is of format " + version
                    + ", which this version of Firn does not know: start the version that wrote it");
        }
    }

    private LogException senseless(final StorageFile file, final String what) {
        return new LogException("the WAL log's " + file.name() + " holds, at " + offset + ", " + what
                + ", but the log ends at LSN " + endLsn + " in term " + followedTerm
                + ": the file is damaged; remove this WAL node's directory, and it fills itself from its peers");
    }
}
