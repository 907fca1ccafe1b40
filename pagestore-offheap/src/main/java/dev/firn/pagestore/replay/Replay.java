package dev.firn.pagestore.replay;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.cluster.InvalidPages;
import dev.firn.pagestore.cluster.RecoverySink;
import dev.firn.postgres.effect.Effects;
import dev.firn.postgres.file.ControlFile;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.redo.Redo;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.WalEnd;
import dev.firn.postgres.wal.WalReader;
import dev.firn.postgres.wal.WalReaderConfig;
import dev.firn.postgres.wal.WalRecord;
import dev.firn.postgres.wal.WalStep;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;

/**
 * Replays a log over a base directory, in memory: the base is not changed.
 *
 * <p>Of each record, first what it does besides pages, then its pages: so a relation is there before its pages, a truncation has cut before the map's
 * last page is cleared, and a database's copy has everything before it, as each record ends before the next one begins.
 *
 * <p>One thread opens, runs and closes it. It owns its memory.
 */
public final class Replay implements AutoCloseable {
    /** Room for a record of the greatest length while its buffer grows; address space only, until one is that long. */
    private static final long MEMORY_BYTES = 3L << 30;

    /** Besides the frames, the table has a page for its spill file. */
    private static final long EXTRA_FRAME_BYTES = 2L << 20;

    /** How many records between two words of progress: a few milliseconds. */
    private static final int RECORDS_A_WORD = 4096;

    /** Most invalid pages that are named. */
    private static final int NAMED_PAGES = 20;

    private final ReplayConfig config;
    private final RedoMonitor monitor;
    private final PostgresVersion version;
    private final OffHeapMemory memory;
    private final OffHeapMemory frameMemory;
    private final BaseDirectory base;
    private final ReplayState state;
    private final Redo redo;
    private final PageReplay pages;
    private final Effects effects;
    private final RecoverySink sink;
    private final ReplayTarget target;
    private final StartPoint start;

    private Replay(final ReplayConfig config, final RedoMonitor monitor) {
        this.config = config;
        this.monitor = monitor;
        this.version = versionOf(config);
        this.memory = OffHeapMemory.open(OffHeapConfig.of("replay", MEMORY_BYTES));
        this.frameMemory =
                OffHeapMemory.open(OffHeapConfig.of("replay-pages", config.pageMemoryBytes() + EXTRA_FRAME_BYTES));
        this.base = new BaseDirectory(config.base(), version, memory);
        this.state = new ReplayState(base, memory, frameMemory, config.frames(), config.spillDirectory());
        this.redo = new Redo(version, memory);
        this.pages = new PageReplay(version, redo, state, monitor);
        this.effects = new Effects(version);
        this.start = StartPoint.of(base, state.progress().control());
        this.target = new ReplayTarget(version, state);
        this.sink = new RecoverySink(state.progress(), state.slrus().segments(), state.origins(), target);
        sink.start();
        redo.hintBitsLogged(state.progress().hintBitsLogged());
    }

    /**
     * Opens a base.
     *
     * @throws ReplayException when it is no data directory of a supported version.
     */
    public static Replay open(final ReplayConfig config) {
        return new Replay(config, new RedoMonitor() {});
    }

    static Replay open(final ReplayConfig config, final RedoMonitor monitor) {
        return new Replay(config, monitor);
    }

    @Override
    public void close() {
        redo.close();
        state.close();
        base.close();
        frameMemory.close();
        memory.close();
    }

    public PostgresVersion version() {
        return version;
    }

    /** Where the log is read from. */
    public long startLsn() {
        return start.lsn();
    }

    /** What it came to, after {@link #run} and whenever a listener hears of the next record; borrowed until it is closed. */
    public ReplayView view() {
        return new ReplayView(state);
    }

    ReplayState state() {
        return state;
    }

    OffHeapMemory memory() {
        return memory;
    }

    /**
     * Applies the log, up to its end or the limit. To be called once.
     *
     * @throws ReplayException when there is no log where the base needs it, a file can't be read, or a page of the base is damaged.
     * @throws dev.firn.postgres.redo.RedoException when a record does not fit.
     */
    public ReplayResult run(final WalSource source, final ReplayListener listener) {
        final ControlFile control = state.progress().control();
        final WalReaderConfig readerConfig =
                WalReaderConfig.of(version, control.walSegmentBytes()).withSystemIdentifier(control.systemIdentifier());
        try (WalReader reader = new WalReader(readerConfig, memory)) {
            reader.begin(start.lsn());
            long first = Lsn.INVALID;
            long endLsn = start.lsn();
            long records = 0;
            boolean skip = start.skipsFirst();
            WalEnd end = null;
            while (end == null) {
                final WalStep step = reader.next();
                if (step == WalStep.NEEDS_BYTES) {
                    end = source.feed(reader) ? null : reader.finish();
                } else if (step == WalStep.ENDED) {
                    end = reader.end();
                } else if (reader.record().nextLsn() > config.untilLsn()) {
                    break;
                } else {
                    endLsn = reader.record().nextLsn();
                    if (skip) {
                        skip = false;
                        first = endLsn;
                        continue;
                    }
                    first = first == Lsn.INVALID ? reader.record().lsn() : first;
                    listener.next(endLsn);
                    apply(reader.record());
                    if (++records % RECORDS_A_WORD == 0) {
                        listener.progress(endLsn, records);
                    }
                }
            }
            return finish(first, endLsn, records, end, listener);
        }
    }

    private ReplayResult finish(
            final long first, final long endLsn, final long records, final WalEnd end, final ReplayListener listener) {
        if (first == Lsn.INVALID) {
            throw new ReplayException(
                    "there is no WAL at " + Lsn.format(start.lsn()) + ", where replay of " + config.base() + " begins"
                            + (end == null ? ": that is after the last position asked for" : ": " + end.describe()));
        }
        final InvalidPages invalid = state.invalidPages();
        invalid.describe(NAMED_PAGES).forEach(listener::warn);
        if (invalid.count() > NAMED_PAGES) {
            listener.warn((invalid.count() - NAMED_PAGES) + " more pages were changed by the log that are not there");
        }
        final List<String> unfinished = start.unfinished(endLsn, state.progress());
        return new ReplayResult(
                first,
                endLsn,
                records,
                end,
                invalid.count(),
                unfinished,
                state.progress().counters());
    }

    private void apply(final WalRecord record) {
        monitor.begins(record);
        sink.record(record);
        target.record(record);
        try {
            effects.tell(record, sink);
        } catch (final ReplayException e) {
            throw e;
        } catch (final RuntimeException e) {
            monitor.recordFailed(record, e);
        }
        if (target.takeControlFileChanged()) {
            redo.hintBitsLogged(state.progress().hintBitsLogged());
        }
        if (record.maxBlockId() >= 0 || record.mainDataLength() > 0) {
            pages.apply(record);
        }
        monitor.ended(record);
    }

    static PostgresVersion versionOf(final ReplayConfig config) {
        try {
            final String text = Files.readString(config.base().resolve("PG_VERSION"), StandardCharsets.US_ASCII)
                    .strip();
            return PostgresVersion.ofMajor(Integer.parseInt(text));
        } catch (final IOException e) {
            throw new ReplayException(
                    config.base() + " is no data directory of Postgres: it has no PG_VERSION that can be read", e);
        } catch (final IllegalArgumentException e) {
            throw new ReplayException(config.base() + ": " + e.getMessage(), e);
        }
    }
}
