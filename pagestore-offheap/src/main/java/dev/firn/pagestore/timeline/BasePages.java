package dev.firn.pagestore.timeline;

import java.lang.foreign.MemorySegment;

/** The pages of a timeline's base backup: its oldest layer. Belongs to the shard's thread. */
interface BasePages {
    /** Hears what became of a read, inside {@link #poll}. */
    interface Handler {
        /** The page is in the memory: zeroes where the backup has none. */
        void onBasePage(long token);

        void onNoBasePage(long token, boolean damaged, String message);
    }

    /** Begins to read a page of a relation or an SLRU; false, without effect, when a limit is reached. */
    boolean read(long high, long middle, long low, MemorySegment page, long token);

    int poll(Handler handler, int limit);
}
