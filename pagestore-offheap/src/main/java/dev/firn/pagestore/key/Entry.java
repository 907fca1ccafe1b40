package dev.firn.pagestore.key;

import java.lang.foreign.MemorySegment;

/** What the store holds of a key at an LSN: a record, an image, or a value. A flyweight: its owner says how long what it tells stays. */
public interface Entry {
    long high();

    long middle();

    long low();

    long lsn();

    /** See {@link EntryKind}. */
    int kindByte();

    /** Of a record: which of its pages this entry is for; otherwise 0. */
    int touch();

    /** Of a record: where in the log it begins (its end is the entry's LSN); otherwise 0. */
    long recordAtLsn();

    /** Where the payload is; borrowed for as long as this is the current entry. */
    MemorySegment payloadSegment();

    long payloadOffset();

    int payloadLength();
}
