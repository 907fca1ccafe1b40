package dev.firn.walquorum.log;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout.OfInt;
import java.lang.foreign.ValueLayout.OfLong;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A copy of the control state on disk: a fixed part of 360 bytes, the history at the base, zeroes up to the alignment.
 * Little-endian. Magic, version, checksum and length stand where they stand in every version, and the checksum covers all that
 * follows it: so a copy of a later version is told from a damaged one.
 */
final class ControlCodec {
    /** Where the second copy begins; no copy is longer. */
    static final int SLOT_BYTES = 128 << 10;

    /** How many copies there are. */
    static final int SLOTS = 2;

    /** "FWCT". */
    private static final int MAGIC = 0x5443_5746;

    private static final int VERSION = 1;

    private static final OfInt INT = JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final OfLong LONG = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int MAGIC_AT = 0;
    private static final int VERSION_AT = 4;
    private static final int CRC_AT = 8;
    private static final int LENGTH_AT = 12;
    private static final int CRC_FROM = LENGTH_AT;
    private static final int NUMBER_AT = 16;
    private static final int LOG_AT = 24;
    private static final int ACCEPTOR_AT = 32;
    private static final int SYSTEM_AT = 40;
    private static final int START_LSN_AT = 48;
    private static final int WAL_SEGMENT_AT = 56;
    private static final int MAJOR_AT = 60;
    private static final int SEGMENT_BYTES_AT = 64;
    private static final int FRAME_BYTES_AT = 72;
    private static final int NAME_LENGTH_AT = 76;
    private static final int NAME_AT = 80;
    private static final int PROMISED_TERM_AT = 144;
    private static final int CANDIDATE_AT = 152;
    private static final int GENERATION_AT = 160;
    private static final int MEMBER_COUNT_AT = 168;
    private static final int PREVIOUS_COUNT_AT = 172;
    private static final int MEMBERS_AT = 176;
    private static final int PREVIOUS_AT = MEMBERS_AT + Membership.MAX_MEMBERS * Long.BYTES;
    private static final int BASE_LSN_AT = PREVIOUS_AT + Membership.MAX_MEMBERS * Long.BYTES;
    private static final int BASE_SEGMENT_AT = BASE_LSN_AT + 8;
    private static final int BASE_SEQUENCE_AT = BASE_LSN_AT + 16;
    private static final int BASE_TERM_AT = BASE_LSN_AT + 24;
    private static final int BASE_CRC_AT = BASE_LSN_AT + 32;
    private static final int BASE_WRITTEN_AT = BASE_LSN_AT + 36;
    private static final int HISTORY_AT = BASE_LSN_AT + 40;

    /** What a place says that may hold a copy. */
    enum Found {
        /** Zeroes: nothing was ever written here. */
        NOTHING,
        /** Torn or damaged. */
        DAMAGED,
        /** Whole, and of a version that is not known. */
        UNKNOWN_VERSION,
        WHOLE
    }

    private ControlCodec() {}

    /** Whether a history fits: it is bounded by the length of a copy. */
    static boolean fits(final TermHistory history) {
        return HISTORY_AT + HistoryCodec.bytes(history) <= SLOT_BYTES;
    }

    /** @return how many bytes are to be written: whole sectors. */
    static int encode(final ControlState state, final MemorySegment into) {
        final LogBase base = state.base();
        final int length = HISTORY_AT + HistoryCodec.bytes(base.history());
        final int whole = (length + FrameLayout.ALIGNMENT - 1) & -FrameLayout.ALIGNMENT;
        into.asSlice(0, whole).fill((byte) 0);
        into.set(INT, MAGIC_AT, MAGIC);
        into.set(INT, VERSION_AT, VERSION);
        into.set(INT, LENGTH_AT, length);
        into.set(LONG, NUMBER_AT, state.number());
        into.set(LONG, SEGMENT_BYTES_AT, state.segmentBytes());
        into.set(INT, FRAME_BYTES_AT, state.frameBytes());
        encode(state.identity(), into);
        encode(state.promise(), into);
        into.set(LONG, BASE_LSN_AT, base.lsn());
        into.set(LONG, BASE_SEGMENT_AT, base.segment());
        into.set(LONG, BASE_SEQUENCE_AT, base.sequence());
        into.set(LONG, BASE_TERM_AT, base.term());
        into.set(INT, BASE_CRC_AT, base.previousCrc());
        into.set(INT, BASE_WRITTEN_AT, base.isWritten() ? 1 : 0);
        HistoryCodec.encode(base.history(), into, HISTORY_AT);
        into.set(INT, CRC_AT, Crc32c.compute(into, CRC_FROM, (long) length - CRC_FROM));
        return whole;
    }

    private static void encode(final LogIdentity identity, final MemorySegment into) {
        into.set(LONG, LOG_AT, identity.logId());
        into.set(LONG, ACCEPTOR_AT, identity.acceptorId());
        into.set(LONG, SYSTEM_AT, identity.systemIdentifier());
        into.set(LONG, START_LSN_AT, identity.startLsn());
        into.set(INT, WAL_SEGMENT_AT, identity.walSegmentBytes());
        into.set(INT, MAJOR_AT, identity.postgresMajor());
        final byte[] name = identity.timeline().getBytes(StandardCharsets.US_ASCII);
        into.set(INT, NAME_LENGTH_AT, name.length);
        MemorySegment.copy(name, 0, into, JAVA_BYTE, NAME_AT, name.length);
    }

    private static void encode(final Promise promise, final MemorySegment into) {
        into.set(LONG, PROMISED_TERM_AT, promise.term());
        into.set(LONG, CANDIDATE_AT, promise.candidate());
        final Membership membership = promise.membership();
        into.set(LONG, GENERATION_AT, membership.generation());
        into.set(INT, MEMBER_COUNT_AT, membership.members().size());
        into.set(INT, PREVIOUS_COUNT_AT, membership.previous().size());
        encode(membership.members(), into, MEMBERS_AT);
        encode(membership.previous(), into, PREVIOUS_AT);
    }

    private static void encode(final List<Long> acceptors, final MemorySegment into, final long at) {
        for (int i = 0; i < acceptors.size(); i++) {
            into.set(LONG, at + (long) i * Long.BYTES, acceptors.get(i));
        }
    }

    /** What stands in a slot of {@link #SLOT_BYTES}. */
    static Found examine(final MemorySegment slot) {
        if (slot.get(INT, MAGIC_AT) != MAGIC) {
            return slot.asSlice(0, HISTORY_AT).mismatch(MemorySegment.ofArray(new byte[HISTORY_AT])) < 0
                    ? Found.NOTHING
                    : Found.DAMAGED;
        }
        final int length = slot.get(INT, LENGTH_AT);
        if (length <= CRC_FROM
                || length > SLOT_BYTES
                || Crc32c.compute(slot, CRC_FROM, (long) length - CRC_FROM) != slot.get(INT, CRC_AT)) {
            return Found.DAMAGED;
        }
        return slot.get(INT, VERSION_AT) == VERSION ? Found.WHOLE : Found.UNKNOWN_VERSION;
    }

    static int version(final MemorySegment slot) {
        return slot.get(INT, VERSION_AT);
    }

    static long number(final MemorySegment slot) {
        return slot.get(LONG, NUMBER_AT);
    }

    /** @throws IllegalArgumentException when a copy whose checksum is right makes no sense. */
    static ControlState decode(final MemorySegment slot) {
        final int nameLength = slot.get(INT, NAME_LENGTH_AT);
        if (nameLength < 1 || nameLength > LogIdentity.MAX_TIMELINE_LENGTH || slot.get(INT, LENGTH_AT) < HISTORY_AT) {
            throw new IllegalArgumentException(
                    "a name of " + nameLength + " bytes in a copy of " + slot.get(INT, LENGTH_AT));
        }
        final byte[] name = slot.asSlice(NAME_AT, nameLength).toArray(JAVA_BYTE);
        final LogIdentity identity = new LogIdentity(
                slot.get(LONG, LOG_AT),
                new String(name, StandardCharsets.US_ASCII),
                slot.get(LONG, ACCEPTOR_AT),
                slot.get(LONG, SYSTEM_AT),
                slot.get(INT, MAJOR_AT),
                slot.get(INT, WAL_SEGMENT_AT),
                slot.get(LONG, START_LSN_AT));
        final Promise promise = new Promise(
                slot.get(LONG, PROMISED_TERM_AT),
                slot.get(LONG, CANDIDATE_AT),
                new Membership(
                        slot.get(LONG, GENERATION_AT),
                        acceptors(slot, MEMBERS_AT, slot.get(INT, MEMBER_COUNT_AT)),
                        acceptors(slot, PREVIOUS_AT, slot.get(INT, PREVIOUS_COUNT_AT))));
        final LogBase base = new LogBase(
                slot.get(LONG, BASE_SEGMENT_AT),
                slot.get(INT, BASE_WRITTEN_AT) != 0,
                slot.get(LONG, BASE_LSN_AT),
                slot.get(LONG, BASE_SEQUENCE_AT),
                slot.get(INT, BASE_CRC_AT),
                slot.get(LONG, BASE_TERM_AT),
                HistoryCodec.decode(slot, HISTORY_AT, slot.get(INT, LENGTH_AT) - HISTORY_AT));
        return new ControlState(
                number(slot), identity, slot.get(LONG, SEGMENT_BYTES_AT), slot.get(INT, FRAME_BYTES_AT), promise, base);
    }

    private static List<Long> acceptors(final MemorySegment slot, final int at, final int count) {
        if (count < 0 || count > Membership.MAX_MEMBERS) {
            throw new IllegalArgumentException(count + " members");
        }
        final List<Long> acceptors = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            acceptors.add(slot.get(LONG, at + (long) i * Long.BYTES));
        }
        return acceptors;
    }
}
