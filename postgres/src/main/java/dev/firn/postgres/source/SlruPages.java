package dev.firn.postgres.source;

import dev.firn.postgres.file.Slru;
import java.lang.foreign.MemorySegment;

/** The pages of SLRUs at one LSN. */
@FunctionalInterface
public interface SlruPages {
    /** Reads a page of an SLRU: 8,192 bytes. */
    void slruPage(Slru slru, int page, MemorySegment into);
}
