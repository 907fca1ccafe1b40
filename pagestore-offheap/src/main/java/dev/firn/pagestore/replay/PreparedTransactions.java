package dev.firn.pagestore.replay;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.file.TwoPhaseFile;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;

/** Transactions that are prepared and neither committed nor aborted: the base's files, and what the log adds and takes away. */
final class PreparedTransactions {
    private final Map<Integer, Prepared> prepared = new TreeMap<>(Integer::compareUnsigned);

    /**
     * A prepared transaction.
     *
     * @param fileName in pg_twophase.
     * @param content of its file, checksum included.
     * @param endLsn of the record that prepared it; 0 when it is the base's.
     */
    record Prepared(String fileName, byte[] content, long endLsn) {}

    PreparedTransactions(final BaseDirectory base) {
        for (final String name : base.names(TwoPhaseFile.DIRECTORY)) {
            if (name.matches("([0-9A-F]{8}){1,2}")) {
                final int xid = Integer.parseUnsignedInt(name.substring(name.length() - 8), 16);
                prepared.put(xid, new Prepared(name, base.bytes(TwoPhaseFile.DIRECTORY + '/' + name), 0));
            }
        }
    }

    /** Keeps a state, unless it is there already. */
    void add(final int xid, final String fileName, final MemorySegment state, final long endLsn) {
        if (prepared.containsKey(xid)) {
            return;
        }
        final int length = (int) state.byteSize();
        final MemorySegment content = MemorySegment.ofArray(new byte[length + Integer.BYTES]);
        MemorySegment.copy(state, 0, content, 0, length);
        LittleEndian.putInt(content, length, Crc32c.compute(state, 0, length));
        prepared.put(xid, new Prepared(fileName, (byte[]) content.heapBase().orElseThrow(), endLsn));
    }

    /** Forgets a state, if it is there. */
    void remove(final int xid) {
        prepared.remove(xid);
    }

    /** By transaction id. */
    Map<Integer, Prepared> all() {
        return prepared;
    }
}
