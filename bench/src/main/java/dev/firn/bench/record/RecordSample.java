package dev.firn.bench.record;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * A record as it stands in the log, and the pages that it changes as they were before.
 *
 * @param lsn where it starts.
 * @param walLsn of the first byte of {@code wal}: the begin of the WAL page that it starts on.
 * @param wal from there to its end.
 * @param touches what {@link dev.firn.postgres.redo.Redo#apply} takes for each page.
 * @param pages one for each.
 */
record RecordSample(long lsn, long walLsn, byte[] wal, int[] touches, byte[][] pages) {
    void write(final DataOutputStream out) throws IOException {
        out.writeLong(lsn);
        out.writeLong(walLsn);
        out.writeInt(wal.length);
        out.write(wal);
        out.writeInt(touches.length);
        for (int i = 0; i < touches.length; i++) {
            out.writeInt(touches[i]);
            out.writeInt(pages[i].length);
            out.write(pages[i]);
        }
    }

    static RecordSample read(final DataInputStream in) throws IOException {
        final long lsn = in.readLong();
        final long walLsn = in.readLong();
        final byte[] wal = in.readNBytes(in.readInt());
        final int[] touches = new int[in.readInt()];
        final byte[][] pages = new byte[touches.length][];
        for (int i = 0; i < touches.length; i++) {
            touches[i] = in.readInt();
            pages[i] = in.readNBytes(in.readInt());
        }
        return new RecordSample(lsn, walLsn, wal, touches, pages);
    }
}
