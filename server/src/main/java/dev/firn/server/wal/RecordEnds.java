package dev.firn.server.wal;

import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.wal.WalPageCheck;
import dev.firn.postgres.wal.WalReader;
import dev.firn.postgres.wal.WalReaderConfig;
import dev.firn.postgres.wal.WalStep;
import dev.firn.server.CommandException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Where records end. A state is that after a record: a position in the midst of one means the end of the one before. There a branch
 * leaves its parent, and there a Postgres goes on that was started on it. For one thread, which waits for each answer.
 */
public final class RecordEnds {
    /** What is read back at first for a record; eight times as much each time that none ends there. */
    private static final long FIRST_BACK_BYTES = 64 << 10;

    private static final int BACK_SHIFT = 3;

    private final ArchivedChain chain;
    private final ArchivedChain.Tools tools;

    public RecordEnds(final ArchivedChain chain, final ArchivedChain.Tools tools) {
        this.chain = chain;
        this.tools = tools;
    }

    /**
     * The end of the last record that ends at or before a position. A switch to the next segment counts as none: behind it is the end of a
     * segment, of which a Postgres that goes on from there keeps nothing, so that nobody could tell whose it is; and it changes nothing.
     *
     * @param lsn committed, and behind the first record.
     */
    public long atOrBefore(final long lsn) {
        for (long back = FIRST_BACK_BYTES; ; back <<= BACK_SHIFT) {
            final long from = Math.max(chain.startLsn(), (lsn - back) & -WalPageCheck.PAGE_BYTES);
            final long found = lastEnd(from, lsn);
            if (found != Lsn.INVALID) {
                return found;
            }
            if (from == chain.startLsn()) {
                throw new CommandException(
                        "no record of " + chain.root().entry().name() + " ends at or before " + Lsn.format(lsn)
                                + ": its WAL begins at " + Lsn.format(from));
            }
        }
    }

    /**
     * The end of the last record that begins and ends in a range; none when there is none. What is behind a switch to the next segment is
     * zeroes: where the range begins in those, the record of the switch is farther back.
     */
    private long lastEnd(final long fromLsn, final long lsn) {
        final byte[] bytes = chain.read(tools, fromLsn, lsn);
        long end = Lsn.INVALID;
        try (WalReader reader = reader()) {
            reader.beginAtOrAfter(fromLsn);
            reader.feed(fromLsn, MemorySegment.ofArray(bytes), 0, bytes.length);
            WalStep step = reader.next();
            while (step == WalStep.RECORD && reader.record().nextLsn() <= lsn) {
                if (!reader.record().isSwitch()) {
                    end = reader.record().nextLsn();
                }
                step = reader.next();
            }
            if (step == WalStep.ENDED && (end != Lsn.INVALID || fromLsn == chain.startLsn())) {
                throw new CommandException("the WAL before " + Lsn.format(lsn) + " cannot be read: "
                        + reader.end().describe());
            }
        }
        return end;
    }

    private WalReader reader() {
        return new WalReader(
                WalReaderConfig.of(chain.version(), chain.segmentBytes())
                        .withSystemIdentifier(chain.root().entry().systemIdentifier()),
                tools.memory());
    }

    /**
     * Where the log ends, when what it has behind a record's end is nothing but the beginning of the next record, up to the end of a
     * page. Postgres takes such a beginning for one that was lost, and goes on behind it.
     *
     * @param lsn the end of a record.
     * @return the position itself when there is nothing behind, or a whole record, or what Postgres would write over.
     */
    public long behindLostRecord(final long lsn) {
        try (Tail tail = new Tail(lsn)) {
            chain.read(tools, tail, 0);
            final boolean isLost =
                    !tail.isDone() && tail.position > lsn && tail.position % WalPageCheck.PAGE_BYTES == 0;
            return isLost ? tail.position : lsn;
        }
    }

    /** Whether there is a whole record behind the end of another. */
    public boolean isRecordBehind(final long lsn) {
        try (Tail tail = new Tail(lsn)) {
            chain.read(tools, tail, 0);
            return tail.step == WalStep.RECORD;
        }
    }

    /** Reads on from a record's end, until there is a whole record, or what is none. */
    private final class Tail implements WalSink, AutoCloseable {
        private final WalReader reader;
        private long position;
        private WalStep step = WalStep.NEEDS_BYTES;

        Tail(final long lsn) {
            reader = reader();
            reader.begin(lsn);
            position = reader.neededLsn();
        }

        @Override
        public long positionLsn() {
            return position;
        }

        @Override
        public void write(final ByteBuffer source) {
            final byte[] piece = new byte[source.remaining()];
            source.get(piece);
            if (!isDone()) {
                reader.feed(position, MemorySegment.ofArray(piece), 0, piece.length);
                step = reader.next();
            }
            position += piece.length;
        }

        @Override
        public boolean isDone() {
            return step != WalStep.NEEDS_BYTES;
        }

        @Override
        public void close() {
            reader.close();
        }
    }
}
