package dev.firn.server.pages;

import dev.firn.pagestore.key.KeyRange;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A base and its log as something has stored them: what {@link IngestOracle} asks. */
public interface StoredLog {
    /** What a key that is no page is. */
    interface Value {
        MemorySegment payload();
    }

    /** The newest value of a key that is no page; null when there is none, or nothing any more. */
    Value state(long high, long middle, long low, long atLsn);

    /** All keys of some classes that have a state at an LSN, in order. */
    List<long[]> keys(KeyRange range, long atLsn);

    /** Reads a page of a relation or an SLRU as it was. */
    void read(long high, long middle, long low, long atLsn, MemorySegment into);
}
