package dev.firn.pagestore.cluster;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import java.lang.foreign.MemorySegment;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.LongLongConsumer;

/**
 * How far this cluster has come as a logical subscriber: {@code pg_logical/replorigin_checkpoint} (CheckPointReplicationOrigin of origin.c) and what
 * the log says since. A magic number, an entry for each origin, a checksum over both.
 */
public final class ReplicationOrigins {
    /** Below the data directory. */
    public static final String PATH = "pg_logical/replorigin_checkpoint";

    private static final int MAGIC = 0x1257DADE;
    private static final int ENTRY_BYTES = 16;
    private static final int LSN_OFFSET = 8;

    /** No LSN. */
    private static final long NONE = -1;

    private final Long2LongHashMap remoteLsns = new Long2LongHashMap(NONE);

    /** None. */
    public ReplicationOrigins() {}

    /**
     * Takes a base's file.
     *
     * @throws MalformedDataException when it is damaged.
     */
    public void read(final byte[] file) {
        final MemorySegment bytes = MemorySegment.ofArray(file);
        final int entriesEnd = file.length - Integer.BYTES;
        if (file.length < 2 * Integer.BYTES
                || (entriesEnd - Integer.BYTES) % ENTRY_BYTES != 0
                || LittleEndian.getInt(bytes, 0) != MAGIC
                || LittleEndian.getInt(bytes, entriesEnd) != Crc32c.compute(bytes, 0, entriesEnd)) {
            throw new MalformedDataException(PATH + " is damaged: its checksum or magic number is wrong");
        }
        for (int at = Integer.BYTES; at < entriesEnd; at += ENTRY_BYTES) {
            remoteLsns.put(LittleEndian.getUnsignedShort(bytes, at), LittleEndian.getLong(bytes, at + LSN_OFFSET));
        }
    }

    /** replorigin_advance. Says how far the origin is then. */
    public long advance(final int origin, final long remoteLsn, final boolean backward) {
        final long before = remoteLsns.get(origin);
        final long now = backward || before == NONE ? remoteLsn : Math.max(before, remoteLsn);
        remoteLsns.put(origin, now);
        return now;
    }

    public void drop(final int origin) {
        remoteLsns.remove(origin);
    }

    /** Hears of all origins. */
    public void forEach(final LongLongConsumer handler) {
        remoteLsns.forEachLong(handler);
    }

    /** The file's content. */
    public byte[] toBytes() {
        final byte[] file = new byte[2 * Integer.BYTES + remoteLsns.size() * ENTRY_BYTES];
        final MemorySegment bytes = MemorySegment.ofArray(file);
        LittleEndian.putInt(bytes, 0, MAGIC);
        int at = Integer.BYTES;
        for (final long origin :
                remoteLsns.keySet().stream().mapToLong(Long::longValue).sorted().toArray()) {
            LittleEndian.putShort(bytes, at, (int) origin);
            LittleEndian.putLong(bytes, at + LSN_OFFSET, remoteLsns.get(origin));
            at += ENTRY_BYTES;
        }
        LittleEndian.putInt(bytes, at, Crc32c.compute(bytes, 0, at));
        return file;
    }
}
