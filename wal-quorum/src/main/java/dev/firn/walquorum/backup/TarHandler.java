package dev.firn.walquorum.backup;

import java.lang.foreign.MemorySegment;

/** Hears the members of a tar archive as they go by. */
interface TarHandler {
    void onEntry(TarEntry entry);

    /** The next bytes of the content of the entry that was heard last; borrowed for the call. */
    void onContent(MemorySegment bytes, long offset, long lengthBytes);

    void onEntryEnd(TarEntry entry);
}
