package dev.firn.pagestore.ingest;

import dev.firn.pagestore.key.EntryKind;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.effect.SlruRedo;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.file.TransactionStatus;
import java.lang.foreign.MemorySegment;

/**
 * The payload of {@link EntryKind#SLRU_CHANGES}: what a record sets on one page of an SLRU, in its order. Each change has 16 bytes,
 * little-endian:
 *
 * <pre>
 *  0  uint8   what: {@link #STATUS}, {@link #COMMIT_TIME}, {@link #OFFSET} or {@link #MEMBER}
 *  1  uint8   0
 *  2  uint16  COMMIT_TIME: the replication origin; else 0
 *  4  uint32  whose entry: transaction, multixact, or place of a member
 *  8  uint64  STATUS: the status. COMMIT_TIME: microseconds since 2000. OFFSET: where members begin.
 *             MEMBER: the transaction, and in the upper half the status
 * </pre>
 */
public final class SlruChanges {
    /** How long each is. */
    public static final int BYTES = 16;

    static final int STATUS = 1;
    static final int COMMIT_TIME = 2;
    static final int OFFSET = 3;
    static final int MEMBER = 4;

    /** MultiXactStatusUpdate of access/multixact.h, the last one. */
    private static final int LAST_MEMBER_STATUS = 5;

    private static final int ORIGIN_AT = 2;
    private static final int INDEX_AT = 4;
    private static final int VALUE_AT = 8;

    private SlruChanges() {}

    static void put(
            final MemorySegment to,
            final long at,
            final int what,
            final int origin,
            final int index,
            final long value) {
        LittleEndian.putInt(to, at, what | origin << Short.SIZE);
        LittleEndian.putInt(to, at + INDEX_AT, index);
        LittleEndian.putLong(to, at + VALUE_AT, value);
    }

    /**
     * Changes a page.
     *
     * @param slru whose page it is: the key's fork.
     * @param page its number: the key's block.
     * @param bytes the page, from {@code offset} on; zeroes when the entry stands alone.
     * @throws MalformedDataException when the payload is none, or of another page; the page is undefined then.
     */
    public static void apply(
            final Slru slru,
            final int page,
            final MemorySegment bytes,
            final long offset,
            final MemorySegment payload,
            final long payloadOffset,
            final int payloadLength) {
        if (payloadLength % BYTES != 0) {
            throw new MalformedDataException("changes of an SLRU page in " + payloadLength + " bytes");
        }
        for (long at = payloadOffset; at < payloadOffset + payloadLength; at += BYTES) {
            final int index = LittleEndian.getInt(payload, at + INDEX_AT);
            final long value = LittleEndian.getLong(payload, at + VALUE_AT);
            final int what = LittleEndian.getUnsignedByte(payload, at);
            if (slruOf(what) != slru || slru.page(index) != page || !isValid(what, value)) {
                throw new MalformedDataException("change " + what + " of " + Integer.toUnsignedString(index) + " to "
                        + value + " is not of page " + page + " of " + slru.directory());
            }
            switch (what) {
                case STATUS -> SlruRedo.transactionStatus(bytes, offset, index, (int) value);
                case COMMIT_TIME ->
                    SlruRedo.commitTimestamp(
                            bytes, offset, index, value, LittleEndian.getUnsignedShort(payload, at + ORIGIN_AT));
                case OFFSET -> SlruRedo.multiXactOffset(bytes, offset, index, (int) value);
                default -> SlruRedo.multiXactMember(bytes, offset, index, (int) value, (int) (value >>> Integer.SIZE));
            }
        }
    }

    private static boolean isValid(final int what, final long value) {
        return switch (what) {
            case STATUS -> value >= 0 && value <= TransactionStatus.SUB_COMMITTED;
            case MEMBER -> value >>> Integer.SIZE <= LAST_MEMBER_STATUS;
            default -> true;
        };
    }

    private static Slru slruOf(final int what) {
        return switch (what) {
            case STATUS -> Slru.XACT;
            case COMMIT_TIME -> Slru.COMMIT_TS;
            case OFFSET -> Slru.MULTIXACT_OFFSETS;
            case MEMBER -> Slru.MULTIXACT_MEMBERS;
            default -> null;
        };
    }
}
