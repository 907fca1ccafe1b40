package dev.firn.walquorum.log;

import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageFile;
import dev.firn.walquorum.term.TermHistory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the end of a log: reads its frames in order, from its base on, until one is not the next one.
 *
 * <p>What follows the end was never acknowledged: it is the torn or lost part of writes that were on their way. Two things are not
 * that, and are refused: a frame that is whole but makes no sense (its bytes do not go on where the log ends), and an end
 * behind which stands a frame that knows of more that was durable.
 *
 * <p><b>The last frames are written once more</b>, the same bytes to the same place, before anyone hears of them. A write that was on its
 * way when the process ended, or whose flush failed, may be read back and still not be on the device, and a sync may say nothing
 * of it. Acknowledged frames would then be written behind one that the next loss of power takes away. How many can be concerned
 * is {@link LogConfig#MAX_IN_FLIGHT}.
 *
 * <p><b>Segments behind the end are deleted</b>, before they are made again: their names may not be durable, and a sync may say
 * nothing of them either. Blocks: for start.
 */
final class LogRecovery {
    /** How far behind the end it is looked for frames that know of more: several in a row may be damaged. */
    private static final long SEARCH_BYTES = 8L << 20;

    private final Storage storage;
    private final LogNames names;
    private final long log;
    private final LogConfig config;
    private final FrameWindow window;
    private final long[] lastSegments = new long[LogConfig.MAX_IN_FLIGHT];
    private final long[] lastOffsets = new long[LogConfig.MAX_IN_FLIGHT];
    private final int[] lastLengths = new int[LogConfig.MAX_IN_FLIGHT];

    final RunIndex index;

    /** The base of each segment that counts, in rising order. */
    final List<LogBase> bases = new ArrayList<>();

    /** Segments before the base that are still there. */
    final List<Long> retired = new ArrayList<>();

    /** Segments behind the end. */
    private final List<Long> behind = new ArrayList<>();

    TermHistory history;
    long followedTerm;
    long endLsn;
    long sequence;
    int previousCrc;

    /** Where the next frame goes: in this segment, or in the next one when this one has no frame yet. */
    long segment;

    long offset;
    boolean isSegmentThere;

    /**
     * @param config with the sizes that the log was made with.
     * @param memory at least as long as a frame; borrowed.
     */
    LogRecovery(
            final Storage storage,
            final LogNames names,
            final long log,
            final LogBase base,
            final LogConfig config,
            final MemorySegment memory) {
        this.storage = storage;
        this.names = names;
        this.log = log;
        this.config = config;
        this.window = new FrameWindow(memory);
        this.index = new RunIndex(config.frameBytes());
        this.history = base.history();
        this.followedTerm = base.term();
        this.endLsn = base.lsn();
        this.sequence = base.sequence();
        this.previousCrc = base.previousCrc();
        this.segment = base.segment();
        bases.add(base);
    }

    /** Finds the end of the log; writes nothing. */
    void find() {
        findEnd();
        for (final String entry : storage.list(names.directory())) {
            final long number = LogNames.segmentOf(entry);
            if (number != LogNames.NO_SEGMENT && number < bases.getFirst().segment()) {
                retired.add(number);
            } else if (number != LogNames.NO_SEGMENT && (number > segment || !isSegmentThere)) {
                behind.add(number);
            }
        }
        requireNothingKnownBehind();
    }

    /** Makes what was found certain, for a log that is gone on with. */
    void settle() {
        writeLastFramesAgain();
        for (final long number : behind) {
            storage.delete(names.segment(number));
        }
        if (!isSegmentThere) {
            segment--;
            offset = config.segmentBytes();
        }
    }

    private void findEnd() {
        final LogBase first = bases.getFirst();
        if (!storage.exists(names.segment(first.segment()))) {
            if (first.isWritten()) {
                throw damaged(names.segment(first.segment()), "is missing");
            }
            return;
        }
        while (true) {
            final long before = sequence;
            offset = 0;
            try (StorageFile file = storage.open(names.segment(segment), Access.DIRECT)) {
                window.open(file);
                while (takeFrame()) {
                    isSegmentThere = true;
                }
            }
            if (sequence == before) {
                if (first.isWritten() && sequence == first.sequence()) {
                    throw damaged(names.segment(first.segment()), "does not begin with the frame that stood there");
                }
                return;
            }
            if (!storage.exists(names.segment(segment + 1)) || !continuesIn(segment + 1)) {
                return;
            }
            segment++;
            bases.add(new LogBase(segment, true, endLsn, sequence, previousCrc, followedTerm, history));
        }
    }

    private boolean continuesIn(final long next) {
        try (StorageFile file = storage.open(names.segment(next), Access.DIRECT)) {
            window.open(file);
            return isNext(0);
        }
    }

    private boolean takeFrame() {
        if (!isNext(offset)) {
            return false;
        }
        final long at = window.at(offset);
        final int payload = FrameLayout.payloadBytes(window.bytes, at);
        final long lsn = FrameLayout.lsn(window.bytes, at);
        final long term = FrameLayout.term(window.bytes, at);
        switch (FrameLayout.kind(window.bytes, at)) {
            case APPEND -> {
                if (lsn != endLsn || term != followedTerm || payload == 0) {
                    throw senseless(payload + " bytes of term " + term + " from LSN " + lsn);
                }
                index.add(lsn, payload, segment, offset);
                endLsn = lsn + payload;
            }
            case HAND_OVER -> {
                if (lsn > endLsn || lsn < 0 || term <= followedTerm) {
                    throw senseless("a hand-over to term " + term + " at LSN " + lsn);
                }
                history = historyAt(at, payload);
                followedTerm = term;
                endLsn = lsn;
                index.cutAt(lsn);
            }
            case null -> throw senseless("a frame of a kind that this version does not know");
        }
        previousCrc = FrameLayout.crc(window.bytes, at);
        final int slot = (int) (sequence % LogConfig.MAX_IN_FLIGHT);
        lastSegments[slot] = segment;
        lastOffsets[slot] = offset;
        lastLengths[slot] = FrameLayout.alignedBytes(payload);
        offset += FrameLayout.alignedBytes(payload);
        sequence++;
        return true;
    }

    private TermHistory historyAt(final long at, final int payload) {
        try {
            return HistoryCodec.decode(window.bytes, at + FrameLayout.HEADER_BYTES, payload);
        } catch (final IllegalArgumentException e) {
            throw senseless(e.getMessage());
        }
    }

    /** Whether the frame at this offset is the next one of the log. */
    private boolean isNext(final long at) {
        if (!isWhole(at)) {
            return false;
        }
        final long in = window.at(at);
        return FrameLayout.sequence(window.bytes, in) == sequence
                && FrameLayout.previousCrc(window.bytes, in) == previousCrc;
    }

    /** Whether an intact frame of this log stands here, and is shown whole. */
    private boolean isWhole(final long at) {
        if (at + FrameLayout.ALIGNMENT > config.segmentBytes()
                || !window.shows(at, FrameLayout.ALIGNMENT)
                || !FrameLayout.hasHeader(window.bytes, window.at(at))) {
            return false;
        }
        requireKnownVersion(at);
        final int payload = FrameLayout.payloadBytes(window.bytes, window.at(at));
        if (payload < 0 || payload > config.frameBytes() - FrameLayout.HEADER_BYTES) {
            return false;
        }
        final int whole = FrameLayout.alignedBytes(payload);
        return at + whole <= config.segmentBytes()
                && window.shows(at, whole)
                && FrameLayout.isIntact(window.bytes, window.at(at))
                && FrameLayout.log(window.bytes, window.at(at)) == log;
    }

    /** A process writes all of a segment in one format, so its first frame tells; further on, an odd version is a torn write. */
    private void requireKnownVersion(final long at) {
        final int version = FrameLayout.version(window.bytes, window.at(at));
        if (at == 0 && !FrameLayout.isKnownVersion(version)) {
            throw new LogException("the WAL log's " + window.name() + " is of format " + version
                    + ", which this version of Firn does not know: start the version that wrote it");
        }
    }

    /** Looks for frames that say that more was durable than was found: in the rest of the last segment, and in later ones. */
    private void requireNothingKnownBehind() {
        if (isSegmentThere) {
            searchIn(segment, offset);
        }
        for (final long number : behind) {
            searchIn(number, 0);
        }
    }

    private void searchIn(final long number, final long from) {
        final long end = Math.min(config.segmentBytes(), from + SEARCH_BYTES);
        try (StorageFile file = storage.openForRead(names.segment(number), Access.DIRECT)) {
            window.open(file);
            long at = from;
            while (at < end && window.shows(at, FrameLayout.ALIGNMENT)) {
                if (isWhole(at)) {
                    requireKnown(at);
                    at += FrameLayout.alignedBytes(FrameLayout.payloadBytes(window.bytes, window.at(at)));
                } else {
                    at += FrameLayout.ALIGNMENT;
                }
            }
        }
    }

    private void requireKnown(final long at) {
        final long known = FrameLayout.durableSequence(window.bytes, window.at(at));
        if (known > sequence) {
            throw damaged(
                    names.segment(segment),
                    "has no frame " + sequence + " at " + offset + ", where LSN " + endLsn + " stood, but "
                            + window.name() + " has one at " + at + " that knows of frames up to " + known);
        }
    }

    private void writeLastFramesAgain() {
        final long first = Math.max(bases.getFirst().sequence(), sequence - LogConfig.MAX_IN_FLIGHT);
        long frame = first;
        while (frame < sequence) {
            final long number = lastSegments[(int) (frame % LogConfig.MAX_IN_FLIGHT)];
            try (StorageFile file = storage.open(names.segment(number), Access.DIRECT)) {
                window.open(file);
                for (; frame < sequence && lastSegments[slot(frame)] == number; frame++) {
                    writeAgain(file, slot(frame));
                }
                file.sync();
            }
        }
    }

    private static int slot(final long frame) {
        return (int) (frame % LogConfig.MAX_IN_FLIGHT);
    }

    private void writeAgain(final StorageFile file, final int slot) {
        final long at = lastOffsets[slot];
        if (!isWhole(at)) {
            throw new LogException("the WAL log's " + file.name() + " reads differently at " + at
                    + " from one time to the next: the disk is failing");
        }
        file.write(at, window.bytes.asSlice(window.at(at), lastLengths[slot]));
    }

    private LogException senseless(final String what) {
        return damaged(
                window.name(),
                "holds, at " + offset + ", " + what + ", but the log ends at LSN " + endLsn + " in term "
                        + followedTerm);
    }

    private LogException damaged(final String file, final String how) {
        return new LogException("the WAL log's " + file + " is damaged: it " + how + "; remove " + names.directory()
                + ", and the log is made again from its peers");
    }
}
