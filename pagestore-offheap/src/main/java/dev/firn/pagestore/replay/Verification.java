package dev.firn.pagestore.replay;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.redo.ConsistencyCheck;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.WalRecord;
import dev.firn.postgres.wal.WalRecordText;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/**
 * Replays a log and compares each page with the image that its record has of it ({@code wal_consistency_checking}).
 *
 * <p>A page that differs becomes what the image says, and so does one whose redo threw: each record is judged by itself, on pages that are as Postgres
 * has them.
 */
public final class Verification implements RedoMonitor, AutoCloseable {
    private static final long MEMORY_BYTES = 2L << 20;

    /** Most failures that are put into words. */
    private static final int NAMED_FAILURES = 10;

    /** How many bytes of a difference are shown. */
    private static final int SHOWN_BYTES = 16;

    private final OffHeapMemory memory;
    private final ConsistencyCheck check;
    private final ReplayListener listener;
    private final Coverage coverage;

    private long imagesCompared;
    private long mismatches;
    private long knownDifferences;
    private long unsupported;
    private Mismatch firstMismatch;
    private boolean recordFailed;
    private boolean recordDiffers;
    private boolean recordCompared;

    private Verification(final PostgresVersion version, final ReplayListener listener) {
        this.memory = OffHeapMemory.open(OffHeapConfig.of("verify", MEMORY_BYTES));
        this.check = new ConsistencyCheck(version, memory);
        this.listener = listener;
        this.coverage = new Coverage(version);
    }

    /**
     * A page that is not what Postgres has.
     *
     * @param offset of the first byte that differs; {@code expected} and {@code actual} are bytes from there on, masked, as
     *     hexadecimal digits.
     */
    public record Mismatch(
            long lsn,
            String resourceManager,
            String operation,
            RelFileLocator relation,
            Fork fork,
            long block,
            int offset,
            String expected,
            String actual) {}

    /**
     * What a verification came to.
     *
     * @param imagesCompared how many pages were compared.
     * @param mismatches how many of them differ.
     * @param knownDifferences how many differ only where Postgres' own redo differs from its primary; they are no mismatches.
     * @param unsupported how many records could not be applied: redo threw, or a page was not there.
     * @param seconds that it took.
     * @param firstMismatch null without any.
     */
    public record Result(
            PostgresVersion version,
            ReplayResult replay,
            long imagesCompared,
            long mismatches,
            long knownDifferences,
            long unsupported,
            double seconds,
            Mismatch firstMismatch,
            Coverage coverage) {}

    /** Replays and compares. */
    public static Result run(final ReplayConfig config, final WalSource source, final ReplayListener listener) {
        final long begin = config.clock().nanoTime();
        final PostgresVersion version = Replay.versionOf(config);
        try (Verification verification = new Verification(version, listener);
                Replay replay = Replay.open(config, verification)) {
            final ReplayResult result = replay.run(source, listener);
            return new Result(
                    version,
                    result,
                    verification.imagesCompared,
                    verification.mismatches,
                    verification.knownDifferences,
                    verification.unsupported + result.invalidPages(),
                    (config.clock().nanoTime() - begin) / 1e9,
                    verification.firstMismatch,
                    verification.coverage);
        }
    }

    @Override
    public void close() {
        check.close();
        memory.close();
    }

    @Override
    public void begins(final WalRecord record) {
        recordFailed = false;
        recordDiffers = false;
        recordCompared = false;
    }

    @Override
    public void redone(final WalRecord record, final int block, final MemorySegment page) {
        final ConsistencyCheck.Verdict verdict;
        try {
            verdict = check.compare(record, block, page);
        } catch (final RedoException e) {
            recordFailed(record, e);
            check.takeImage(record, block, page);
            return;
        }
        if (verdict == ConsistencyCheck.Verdict.NOT_COMPARED) {
            return;
        }
        imagesCompared++;
        switch (verdict) {
            case DIFFERENT -> {
                mismatches++;
                recordDiffers = true;
                differs(record, block);
                check.takeImage(record, block, page);
            }
            case DIFFERENT_IN_POSTGRES -> {
                knownDifferences++;
                recordCompared = true;
                check.takeImage(record, block, page);
            }
            default -> recordCompared = true;
        }
    }

    @Override
    public boolean pageFailed(
            final WalRecord record, final int block, final MemorySegment page, final RuntimeException cause) {
        recordFailed(record, cause);
        return block >= 0 && check.takeImage(record, block, page);
    }

    @Override
    public void recordFailed(final WalRecord record, final RuntimeException cause) {
        if (recordFailed) {
            return;
        }
        recordFailed = true;
        if (unsupported++ < NAMED_FAILURES) {
            listener.warn(String.valueOf(cause.getMessage()));
        }
    }

    @Override
    public void ended(final WalRecord record) {
        coverage.count(record, recordCompared, recordDiffers, recordFailed);
    }

    private void differs(final WalRecord record, final int block) {
        if (mismatches > NAMED_FAILURES) {
            return;
        }
        final int offset = check.differenceOffset();
        final Mismatch mismatch = new Mismatch(
                record.lsn(),
                WalRecordText.resourceManagerName(record.resourceManagerId()),
                WalRecordText.operationName(record),
                new RelFileLocator(
                        record.blockTablespace(block), record.blockDatabase(block), record.blockRelfilenode(block)),
                Fork.of(record.blockFork(block)),
                Integer.toUnsignedLong(record.blockNumber(block)),
                offset,
                bytes(check.expectedPage(), offset),
                bytes(check.replayedPage(), offset));
        if (firstMismatch == null) {
            firstMismatch = mismatch;
        }
        listener.warn("WAL record at " + Lsn.format(mismatch.lsn) + ": "
                + mismatch.resourceManager + ' ' + mismatch.operation + ", block reference #" + block + ", "
                + BlockKey.describe(
                        BlockKey.space(record.blockTablespace(block), record.blockDatabase(block)),
                        BlockKey.relation(record.blockRelfilenode(block), record.blockFork(block)),
                        record.blockNumber(block))
                + ": byte " + offset + " is " + mismatch.actual + ", and Postgres has " + mismatch.expected);
    }

    private static String bytes(final MemorySegment page, final int offset) {
        final long length = Math.min(SHOWN_BYTES, page.byteSize() - offset);
        return HexFormat.of().formatHex(page.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
    }
}
