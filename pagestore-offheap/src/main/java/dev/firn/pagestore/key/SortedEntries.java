package dev.firn.pagestore.key;

/**
 * Entries in order: by key, then by LSN, and those of one key and LSN in the order in which they were made. One passes over them once. What the
 * accessors tell is the current entry, from an {@link #advance()} that returned {@link #ENTRY} to the next.
 *
 * <p>Nothing here blocks: where entries come from an object store, {@link #advance()} says {@link #WAIT} until they are there.
 */
public interface SortedEntries extends Entry {
    /** There is a current entry. */
    int ENTRY = 1;

    /** None yet: whoever drives the I/O polls it, then asks again. */
    int WAIT = 0;

    /** There is none any more. */
    int END = -1;

    /** Moves on to the next entry: {@link #ENTRY}, {@link #WAIT} or {@link #END}. */
    int advance();
}
