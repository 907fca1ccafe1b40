package dev.firn.walquorum.backup;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Where a backup is extracted to. The calls come in the order of the archives; between the begin and the end of a file, its bytes. */
public interface BackupTarget {
    void directory(BackupArchive archive, BackupFile directory) throws IOException;

    void link(BackupArchive archive, BackupFile link) throws IOException;

    void beginFile(BackupArchive archive, BackupFile file) throws IOException;

    /** @param bytes borrowed for the call. */
    void write(MemorySegment bytes, long offset, long lengthBytes) throws IOException;

    /** The file is complete. Its checksum agrees with the index. */
    void endFile() throws IOException;

    /** Everything is there; Postgres' manifest has come as the last file. */
    void finish(BackupDescription description) throws IOException;
}
