package dev.firn.pagestore.timeline;

import dev.firn.pagestore.ingest.IngestStep;
import dev.firn.pagestore.ingest.LongChainHandler;
import dev.firn.pagestore.key.Entry;
import dev.firn.pagestore.memory.MemoryTable;
import dev.firn.pagestore.rebuild.HintHistory;
import java.lang.foreign.MemorySegment;

/**
 * What fills a timeline's memory tables, and what it has to know for that, as reads have to: floors. In production {@link PostgresInput}; a simulation
 * has one whose log it can invent. Belongs to the shard's thread.
 */
public interface TimelineInput extends AutoCloseable {
    // What was before.

    /** Takes an entry that was ingested before, of the classes from {@code DATABASE_FLOOR} on, by key and LSN. */
    void load(Entry entry);

    /** All has been loaded. */
    void loaded();

    /** Begins with the base backup instead: its state comes as entries. */
    void beginImport();

    /** Goes on with the import; true when it waits for another table, as this one is full. */
    boolean importOn(MemoryTable table, int limit);

    boolean isImported();

    // The log.

    /**
     * Begins to take the log, up to whose LSN all is known.
     *
     * @param longChains hears of keys with many entries that do not stand alone.
     */
    void begin(long startLsn, MemoryTable table, LongChainHandler longChains);

    /** From where the log is wanted; whole pages before may come again. */
    long neededLsn();

    /** Gives bytes of the log, only after {@link IngestStep#NEEDS_WAL}, or first; they are borrowed until it is said again. */
    void feed(long lsn, MemorySegment bytes, long offset, long lengthBytes);

    /** Takes at most so many records. */
    IngestStep step(int records);

    /** Adds what the next owner must know; just before the table is frozen, which has room for it. */
    void seal();

    /** The payload of the one entry that {@link #seal} adds: nothing else may take its room. */
    int sealBytes();

    /** Where entries go from now on. */
    void table(MemoryTable next);

    /** All records up to here are in the tables. */
    long appliedLsn();

    // What reads ask.

    /** The newest floor under a page that is not above an LSN; 0 when there is none. */
    long floorLsn(long high, long middle, long low, long atLsn);

    /** What is behind that floor: -1 for zeroes, or the database ({@code BlockKey.space}) whose page at the floor's LSN it is. */
    long floorSource(long high, long middle, long low, long floorLsn);

    /** The LSNs at which databases were copied: they stay readable. */
    long[] copyLsns();

    /** When hint bits were logged. */
    HintHistory hints();

    /** How many forks are known, those that are gone included: some 50 bytes of the heap each, for as long as the timeline is. */
    default int forks() {
        return 0;
    }

    /** How many truncations, drops and copies: 20 bytes each. */
    default int floors() {
        return 0;
    }

    /** Whether pages have checksums. */
    boolean dataChecksums();

    @Override
    void close();
}
