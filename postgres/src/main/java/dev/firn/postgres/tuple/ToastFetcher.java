package dev.firn.postgres.tuple;

import java.lang.foreign.MemorySegment;

/** Where values are fetched from that lie in a TOAST table. */
public interface ToastFetcher {
    /**
     * Puts all chunks of a value together.
     *
     * @param toastRelation the OID of the TOAST table.
     * @param valueId its chunk_id.
     * @param storedBytes how many bytes the chunks have together, as the pointer says.
     * @return memory that begins with them; borrowed until the next call. The fetcher owns it: only who reads the chunks knows that there are
     *     as many bytes as a damaged pointer may claim.
     * @throws dev.firn.postgres.MalformedDataException when they aren't there, or are not as long.
     */
    MemorySegment fetch(int toastRelation, int valueId, int storedBytes);
}
