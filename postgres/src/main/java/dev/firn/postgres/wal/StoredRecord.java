package dev.firn.postgres.wal;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A record that was taken out of its log and kept: whole, without the page headers that lay in between. One thread owns an instance, and its
 * flyweight.
 *
 * <p>The record's own checksum is not computed again: whoever keeps records guards them with one of its own.
 */
public final class StoredRecord {
    private final WalRecord record;

    /** A record of this version's format. */
    public StoredRecord(final PostgresVersion version) {
        record = new WalRecord(version);
    }

    /**
     * Moves to a record.
     *
     * @param bytes borrowed as long as the record is used.
     * @param lsn where it began in its log.
     * @param nextLsn where it ended: {@link WalRecord#nextLsn()}.
     * @return the flyweight, which the next call moves.
     * @throws MalformedDataException when the bytes are no record of this length; nothing of it may be asked then.
     */
    public WalRecord wrap(
            final MemorySegment bytes, final long offset, final int lengthBytes, final long lsn, final long nextLsn) {
        Objects.checkFromIndexSize(offset, lengthBytes, bytes.byteSize());
        if (lengthBytes < WalLayout.RECORD_HEADER_BYTES
                || bytes.get(WalLayout.INT, offset + WalLayout.RECORD_LENGTH) != lengthBytes) {
            throw new MalformedDataException(
                    "the record kept of " + Lsn.format(lsn) + " has " + lengthBytes + " bytes, and says otherwise");
        }
        final RecordDefect defect = record.wrap(bytes, offset, lengthBytes, lsn, nextLsn);
        if (defect != null) {
            throw new MalformedDataException("the record kept of " + Lsn.format(lsn) + ": " + defect.sentence());
        }
        return record;
    }
}
