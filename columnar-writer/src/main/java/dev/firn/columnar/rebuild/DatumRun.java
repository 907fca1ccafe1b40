package dev.firn.columnar.rebuild;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The datums of one attribute, or of the elements of its lists: for each slot what its bytes are and where. Grows to the most slots that it has
 * seen; owned by one thread.
 */
final class DatumRun {
    /** SQL's null. */
    static final byte NULL = 0;

    /** A value of at most eight bytes, in {@link #numbers}. */
    static final byte NUMBER = 1;

    /** Without varlena header, at an offset of {@link #nativeBytes}: the column's own memory. */
    static final byte NATIVE = 2;

    /** Without varlena header, at an offset of {@link #scratch}. */
    static final byte SCRATCH = 3;

    /** With its varlena header, as a tuple stores it, at an offset of {@link #storedBytes}. */
    static final byte STORED = 4;

    /** There is a value, and the lake's column does not say which bytes. */
    static final byte UNKNOWN = 5;

    /** As {@link #NATIVE}, in a second column's memory: dead rows are in a batch of their own. */
    static final byte SECOND_NATIVE = 6;

    /** As {@link #STORED}, at an offset of {@link #scratch}: compressed anew. */
    static final byte COMPRESSED = 7;

    private static final int LEAST_SLOTS = 64;

    private byte[] states = new byte[LEAST_SLOTS];
    private long[] numbers = new long[LEAST_SLOTS];
    private int[] lengths = new int[LEAST_SLOTS];
    private final DatumBytes scratch;
    private MemorySegment nativeBytes;
    private MemorySegment secondBytes;
    private byte nativeState;
    private MemorySegment storedBytes;

    /** @param scratch borrowed: where values are that had to be made. */
    DatumRun(final DatumBytes scratch) {
        this.scratch = scratch;
    }

    /** Room for so many slots; what they held is not kept. */
    void begin(final int slots) {
        if (states.length < slots) {
            final int room = Math.max(slots, 2 * states.length);
            states = new byte[room];
            numbers = new long[room];
            lengths = new int[room];
        }
        Arrays.fill(states, 0, slots, NULL);
        nativeState = NULL;
    }

    /** The memory of the column that the next values are of: the first one, then perhaps a second one. */
    void beginColumn(final MemorySegment bytes) {
        if (nativeState == NULL) {
            nativeState = NATIVE;
            nativeBytes = bytes;
        } else {
            nativeState = SECOND_NATIVE;
            secondBytes = bytes;
        }
    }

    void setStoredBytes(final MemorySegment bytes) {
        storedBytes = bytes;
    }

    byte[] states() {
        return states;
    }

    long[] numbers() {
        return numbers;
    }

    int[] lengths() {
        return lengths;
    }

    DatumBytes scratch() {
        return scratch;
    }

    void setNumber(final int slot, final long number) {
        states[slot] = NUMBER;
        numbers[slot] = number;
    }

    void setNative(final int slot, final long offset, final int length) {
        states[slot] = nativeState;
        numbers[slot] = offset;
        lengths[slot] = length;
    }

    /** The value that was put into the scratch memory from here on. */
    void setScratch(final int slot, final long offset) {
        states[slot] = SCRATCH;
        numbers[slot] = offset;
        lengths[slot] = (int) (scratch.length() - offset);
    }

    void setStored(final int slot, final long offset, final int length) {
        states[slot] = STORED;
        numbers[slot] = offset;
        lengths[slot] = length;
    }

    /** The value with its header that was put into the scratch memory from here on. */
    void setCompressed(final int slot, final long offset) {
        setScratch(slot, offset);
        states[slot] = COMPRESSED;
    }

    /** Whether it is known what value it is, which a compressed one is of. */
    boolean isValue(final int slot) {
        return states[slot] == NATIVE || states[slot] == SECOND_NATIVE || states[slot] == SCRATCH;
    }

    void setUnknown(final int slot) {
        states[slot] = UNKNOWN;
    }

    /** Where a slot's bytes are; not of a number. */
    MemorySegment bytes(final int slot) {
        return switch (states[slot]) {
            case NATIVE -> nativeBytes;
            case SECOND_NATIVE -> secondBytes;
            case SCRATCH, COMPRESSED -> scratch.segment();
            default -> storedBytes;
        };
    }

    /** Writes a number of a fixed length. */
    static void putNumber(final MemorySegment target, final long at, final int length, final long number) {
        switch (length) {
            case Byte.BYTES -> LittleEndian.putByte(target, at, (int) number);
            case Short.BYTES -> LittleEndian.putShort(target, at, (int) number);
            case Integer.BYTES -> LittleEndian.putInt(target, at, (int) number);
            case Long.BYTES -> LittleEndian.putLong(target, at, number);
            default -> throw new IllegalStateException("a number of " + length + " bytes");
        }
    }

    /** Whether the bytes of a fixed length are this number. */
    static boolean isNumber(final MemorySegment segment, final long at, final int length, final long number) {
        return switch (length) {
            case Byte.BYTES -> (byte) LittleEndian.getUnsignedByte(segment, at) == (byte) number;
            case Short.BYTES -> (short) LittleEndian.getUnsignedShort(segment, at) == (short) number;
            case Integer.BYTES -> LittleEndian.getInt(segment, at) == (int) number;
            case Long.BYTES -> LittleEndian.getLong(segment, at) == number;
            default -> false;
        };
    }
}
