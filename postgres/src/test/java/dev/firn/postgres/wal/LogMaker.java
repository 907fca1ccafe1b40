package dev.firn.postgres.wal;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes a log as Postgres does: pages with headers, records aligned and continued, from the start of a segment on. */
public final class LogMaker {
    public static final long SYSTEM = 0x6A5B_4C3D_2E1F_0011L;

    public final PostgresVersion version;
    public final int segmentBytes;
    public final long startLsn;
    public final List<Long> recordLsns = new ArrayList<>();
    public final List<byte[]> records = new ArrayList<>();

    private byte[] log = new byte[1 << 16];
    private int used;
    private long prev;
    private int timeline = 1;

    public LogMaker(final PostgresVersion version, final int segmentBytes, final long startLsn) {
        this.version = version;
        this.segmentBytes = segmentBytes;
        this.startLsn = startLsn;
    }

    public void timeline(final int next) {
        timeline = next;
    }

    public long position() {
        return startLsn + used;
    }

    /** The bytes so far, then zeroes. */
    public MemorySegment segment() {
        return MemorySegment.ofArray(log).asSlice(0, used);
    }

    public byte[] bytes() {
        return Arrays.copyOf(log, used);
    }

    /** Appends a record with these bytes after its header; returns its LSN. */
    public long append(final ResourceManager manager, final int info, final int xid, final byte[] body) {
        return append(header(manager, info, xid, body, prev));
    }

    /** Appends a whole record as it is. */
    public long append(final byte[] record) {
        if (position() % WalLayout.PAGE_BYTES == 0) {
            page(0, 0);
        }
        final long lsn = position();
        write(record);
        align();
        prev = lsn;
        recordLsns.add(lsn);
        records.add(record);
        return lsn;
    }

    public byte[] header(
            final ResourceManager manager, final int info, final int xid, final byte[] body, final long prevLsn) {
        final ByteBuffer record =
                ByteBuffer.allocate(WalLayout.RECORD_HEADER_BYTES + body.length).order(ByteOrder.LITTLE_ENDIAN);
        record.putInt(record.capacity()).putInt(xid).putLong(prevLsn);
        record.put((byte) info).put((byte) manager.id()).putShort((short) 0);
        record.putInt(0).put(body);
        seal(record.array());
        return record.array();
    }

    public static void seal(final byte[] record) {
        final int crc = Crc32c.update(
                Crc32c.compute(record, WalLayout.RECORD_HEADER_BYTES, record.length - WalLayout.RECORD_HEADER_BYTES),
                record,
                0,
                WalLayout.RECORD_CRC);
        ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN).putInt(WalLayout.RECORD_CRC, crc);
    }

    /** XLOG_SWITCH and the zeroes after it. */
    public long switchSegment() {
        final long lsn = append(ResourceManager.XLOG, WalLayout.XLOG_SWITCH, 0, new byte[0]);
        final long end = (position() + segmentBytes - 1) & -segmentBytes;
        reserve((int) (end - position()));
        used = (int) (end - startLsn);
        return lsn;
    }

    /** The first part of a record, up to its first page's end; then a page that replaces it. Returns the lost one's LSN. */
    public long loseRecord(final byte[] body) {
        if (position() % WalLayout.PAGE_BYTES == 0) {
            page(0, 0);
        }
        final long lost = position();
        final byte[] record = header(ResourceManager.HEAP, 0, 7, body, prev);
        final int room = (int) (WalLayout.PAGE_BYTES - lost % WalLayout.PAGE_BYTES);
        raw(record, 0, room);
        page(WalLayout.FIRST_IS_OVERWRITE_CONTRECORD, 0);
        return lost;
    }

    private void write(final byte[] record) {
        int done = 0;
        while (done < record.length) {
            if (position() % WalLayout.PAGE_BYTES == 0) {
                page(WalLayout.FIRST_IS_CONTRECORD, record.length - done);
            }
            final int room = (int) (WalLayout.PAGE_BYTES - position() % WalLayout.PAGE_BYTES);
            final int part = Math.min(room, record.length - done);
            raw(record, done, part);
            done += part;
        }
    }

    public void page(final int flags, final int remaining) {
        final boolean first = position() % segmentBytes == 0;
        final ByteBuffer header = ByteBuffer.allocate(
                        first ? WalLayout.LONG_HEADER_BYTES : WalLayout.SHORT_HEADER_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        header.putShort((short) version.walPageMagic());
        header.putShort((short) (flags | (first ? WalLayout.LONG_HEADER : 0)));
        header.putInt(timeline).putLong(position()).putInt(remaining);
        if (first) {
            header.putInt(0).putLong(SYSTEM).putInt(segmentBytes).putInt(WalLayout.PAGE_BYTES);
        }
        raw(header.array(), 0, header.capacity());
    }

    private void align() {
        final int aligned = (int) (WalLayout.alignUp(position()) - startLsn);
        reserve(aligned - used);
        used = aligned;
    }

    private void raw(final byte[] bytes, final int from, final int length) {
        reserve(length);
        System.arraycopy(bytes, from, log, used, length);
        used += length;
    }

    private void reserve(final int bytes) {
        if (used + bytes > log.length) {
            log = Arrays.copyOf(log, Math.max(used + bytes, log.length * 2));
        }
    }
}
