package dev.firn.pagestore.replay;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far this cluster has come as a logical subscriber: {@code pg_logical/replorigin_checkpoint} (CheckPointReplicationOrigin of origin.c) and what
 * the log says since. A magic number, an entry for each origin, a checksum over both.
 */
final class ReplicationOrigins {
    static final String PATH = "pg_logical/replorigin_checkpoint";

    private static final int MAGIC = 0x1257DADE;
    private static final int ENTRY_BYTES = 16;
    private static final int LSN_OFFSET = 8;

    private final Map<Integer, Long> remoteLsns = new TreeMap<>();

    ReplicationOrigins(final BaseDirectory base) {
        final byte[] file = base.bytes(PATH);
        if (file == null) {
            return;
        }
        final MemorySegment bytes = MemorySegment.ofArray(file);
        final int entriesEnd = file.length - Integer.BYTES;
        if (file.length < 2 * Integer.BYTES
                || (entriesEnd - Integer.BYTES) % ENTRY_BYTES != 0
                || LittleEndian.getInt(bytes, 0) != MAGIC
                || LittleEndian.getInt(bytes, entriesEnd) != Crc32c.compute(bytes, 0, entriesEnd)) {
            throw new ReplayException(base.root().resolve(PATH) + " is damaged: its checksum or magic number is wrong");
        }
        for (int at = Integer.BYTES; at < entriesEnd; at += ENTRY_BYTES) {
            remoteLsns.put(LittleEndian.getUnsignedShort(bytes, at), LittleEndian.getLong(bytes, at + LSN_OFFSET));
        }
    }

    /** replorigin_advance. */
    void advance(final int origin, final long remoteLsn, final boolean backward) {
        remoteLsns.merge(origin, remoteLsn, (old, told) -> backward ? told : Math.max(old, told));
    }

    void drop(final int origin) {
        remoteLsns.remove(origin);
    }

    /** The file's content. */
    byte[] toBytes() {
        final byte[] file = new byte[2 * Integer.BYTES + remoteLsns.size() * ENTRY_BYTES];
        final MemorySegment bytes = MemorySegment.ofArray(file);
        LittleEndian.putInt(bytes, 0, MAGIC);
        int at = Integer.BYTES;
        for (final Map.Entry<Integer, Long> entry : remoteLsns.entrySet()) {
            LittleEndian.putShort(bytes, at, entry.getKey());
            LittleEndian.putLong(bytes, at + LSN_OFFSET, entry.getValue());
            at += ENTRY_BYTES;
        }
        LittleEndian.putInt(bytes, at, Crc32c.compute(bytes, 0, at));
        return file;
    }
}
