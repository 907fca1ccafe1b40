package dev.firn.columnar.batch;

import dev.firn.columnar.buffer.GrowingBuffer;
import dev.firn.columnar.kernel.Bits;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * One column's values, in Arrow's layout. Filled by appending; grows as needed, but once it has seen its largest batch it allocates nothing.
 *
 * <p>The validity bitmap comes into being with the first null: a column without nulls costs nothing for them, here and in the encoders.
 */
public final class ColumnVector implements AutoCloseable {
    private static final MemoryTag VECTORS = MemoryTag.of("lake-vectors");
    private static final int BYTE_MASK = Byte.SIZE - 1;
    private static final byte ALL_SET = -1;
    private static final int ALL_BITS = 0xFF;

    /** Shifted by that, a number is 1 when it is less than 0. */
    private static final int SIGN = Integer.SIZE - 1;

    private final ColumnField field;
    private final List<ColumnVector> children;
    private final GrowingBuffer validity;
    private final GrowingBuffer values;
    private final GrowingBuffer offsets;
    private final int width;
    private int count;
    private int nullCount;

    /** Values that there is room for; of variable and repeated ones, offsets. */
    private int room;

    /** Bytes of variable values so far. */
    private long bytes;

    /** So many offsets from the first on are zeroes in memory, from a batch of nulls before: those of the next need not be written again. */
    private int zeroEnds;

    ColumnVector(final ColumnField field, final OffHeapMemory memory) {
        this.field = field;
        width = field.vectorWidth();
        validity = new GrowingBuffer(memory, VECTORS);
        values = new GrowingBuffer(memory, VECTORS);
        offsets = new GrowingBuffer(memory, VECTORS);
        children = new ArrayList<>();
        for (final ColumnField child : field.children()) {
            children.add(new ColumnVector(child, memory));
        }
    }

    public ColumnField field() {
        return field;
    }

    public int count() {
        return count;
    }

    public int nullCount() {
        return nullCount;
    }

    public ColumnVector child(final int index) {
        return children.get(index);
    }

    /** One bit a slot; only when there are nulls. Borrowed until the vector changes, as all that follow. */
    public MemorySegment validity() {
        return validity.segment();
    }

    /** The values; null as long as nothing was appended. */
    public MemorySegment values() {
        return values.segment();
    }

    /** {@code count + 1} 32-bit offsets: of variable values into {@link #values}, of lists and maps into their children. */
    public MemorySegment offsets() {
        return offsets.segment();
    }

    public boolean isNull(final int index) {
        return nullCount > 0 && !Bits.get(validity.segment(), index);
    }

    /** How many bytes the values up to the last one take. */
    public long valueBytes() {
        return field.isVariable()
                ? bytes
                : field.kind() == ColumnKind.BOOLEAN ? count / Byte.SIZE : (long) count * width;
    }

    /** Forgets the values and keeps the memory. */
    public void clear() {
        count = 0;
        nullCount = 0;
        bytes = 0;
        for (int i = 0; i < children.size(); i++) {
            children.get(i).clear();
        }
    }

    public void appendBoolean(final boolean value) {
        final int at = next();
        if (value) {
            Bits.set(values.segment(), at);
        }
        valid(at);
    }

    public void appendInt(final int value) {
        final int at = next();
        LittleEndian.putInt(values.segment(), (long) at * Integer.BYTES, value);
        valid(at);
    }

    public void appendLong(final long value) {
        final int at = next();
        LittleEndian.putLong(values.segment(), (long) at * Long.BYTES, value);
        valid(at);
    }

    /** Raw bits pass as they are: NaN keeps its payload. */
    public void appendFloatBits(final int bits) {
        appendInt(bits);
    }

    /** Raw bits pass as they are: NaN keeps its payload. */
    public void appendDoubleBits(final long bits) {
        appendLong(bits);
    }

    /** A decimal of 16 bytes, in two's complement. */
    public void appendDecimal(final long low, final long high) {
        final int at = next();
        LittleEndian.putLong(values.segment(), (long) at * 2 * Long.BYTES, low);
        LittleEndian.putLong(values.segment(), (long) at * 2 * Long.BYTES + Long.BYTES, high);
        valid(at);
    }

    /** A value of a fixed number of bytes: a uuid, or one of {@link ColumnKind#FIXED}. */
    public void appendFixed(final MemorySegment from, final long offset) {
        final int at = next();
        MemorySegment.copy(from, offset, values.segment(), (long) at * width, width);
        valid(at);
    }

    /** A string's or binary's bytes. */
    public void appendBytes(final MemorySegment from, final long offset, final int length) {
        final MemorySegment target = roomForBytes(length);
        MemorySegment.copy(from, offset, target, bytes, length);
        commitBytes(length);
    }

    /**
     * Room for a value of up to so many bytes, for who writes it there himself: at {@link #bytesAt} of what is returned. It counts once
     * {@link #commitBytes} was called.
     */
    public MemorySegment roomForBytes(final int most) {
        values.setLength(bytes);
        return values.ensure(bytes + most);
    }

    /** Where in {@link #values} the next bytes go. */
    public long bytesAt() {
        return bytes;
    }

    /** Ends a value of so many bytes. */
    public void commitBytes(final int length) {
        final int at = next();
        requireReach(bytes + length);
        bytes += length;
        LittleEndian.putInt(offsets.segment(), (long) (at + 1) * Integer.BYTES, (int) bytes);
        valid(at);
    }

    /** Ends a list or map: its elements are what was appended to its children since the last one. */
    public void endList() {
        final int at = next();
        LittleEndian.putInt(
                offsets.segment(),
                (long) (at + 1) * Integer.BYTES,
                children.getFirst().count());
        valid(at);
    }

    /** Ends a struct, to each of whose children a value or a null was appended. */
    public void endStruct() {
        valid(next());
    }

    /** Ends so many structs. */
    public void endStructs(final int structs) {
        commit(structs, reserve(structs));
    }

    /**
     * Room for so many values more, for loops that write them themselves, each of its width, from the slot on that is returned: what they wrote counts
     * once {@link #commit(int, int)} was called. For values of a fixed number of bytes and, with their {@link #offsets}, for variable ones.
     */
    public int reserve(final int more) {
        while (room - count < more) {
            grow();
        }
        return count;
    }

    /** Counts so many values more as there, none of them null. @param first what {@link #reserve} returned. */
    public void commit(final int more, final int first) {
        if (nullCount > 0) {
            setValid(first, more);
        }
        zeroEnds = 0;
        count = first + more;
    }

    /**
     * As {@link #commit(int, int)}, some of which are null.
     *
     * @param nulls how many.
     * @param places of each a number that is less than 0 when it is null, from {@code from} on.
     */
    public void commit(final int more, final int first, final int nulls, final int[] places, final int from) {
        if (nulls == 0) {
            commit(more, first);
            return;
        }
        requireNullable();
        if (nullCount == 0) {
            beginValidity();
        }
        setValid(first, more, places, from);
        nullCount += nulls;
        zeroEnds = 0;
        count = first + more;
    }

    /** Eight at a time, behind those that the first byte has. */
    private void setValid(final int first, final int more, final int[] places, final int from) {
        final MemorySegment bitmap = validity.segment();
        final int shift = first & BYTE_MASK;
        long at = first / Byte.SIZE;
        int bits = shift == 0 ? 0 : LittleEndian.getUnsignedByte(bitmap, at);
        int i = from;
        final int end = from + more;
        for (; i + Byte.SIZE <= end; i += Byte.SIZE) {
            final int nulls = places[i] >>> SIGN
                    | places[i + 1] >>> SIGN << 1
                    | places[i + 2] >>> SIGN << 2
                    | places[i + 3] >>> SIGN << 3
                    | places[i + 4] >>> SIGN << 4
                    | places[i + 5] >>> SIGN << 5
                    | places[i + 6] >>> SIGN << 6
                    | places[i + 7] >>> SIGN << 7;
            bits |= (nulls ^ ALL_BITS) << shift;
            LittleEndian.putByte(bitmap, at++, bits);
            bits >>>= Byte.SIZE;
        }
        int filled = shift;
        for (; i < end; i++) {
            bits |= (places[i] >>> SIGN ^ 1) << filled++;
        }
        for (; filled > 0; filled -= Byte.SIZE) {
            LittleEndian.putByte(bitmap, at++, bits);
            bits >>>= Byte.SIZE;
        }
    }

    private void requireNullable() {
        if (!field.nullable()) {
            throw new IllegalStateException("column " + field.name() + " is never null");
        }
    }

    /** Counts the bytes of variable values that {@link #commit(int, int)} counts. @param end where the last of them ends. */
    public void commitBytesTo(final long end) {
        requireReach(end);
        bytes = end;
    }

    private void requireReach(final long end) {
        if (end > Integer.MAX_VALUE) {
            throw new IllegalStateException("column " + field.name() + ": " + end
                    + " bytes in one batch are more than 32-bit offsets reach; batches must be smaller");
        }
    }

    /** The first bit of a byte clears the others. */
    private void setValid(final int first, final int more) {
        final MemorySegment bitmap = validity.segment();
        int at = first;
        final int end = first + more;
        for (; at < end && (at & BYTE_MASK) != 0; at++) {
            Bits.set(bitmap, at);
        }
        for (; at + Byte.SIZE <= end; at += Byte.SIZE) {
            LittleEndian.putByte(bitmap, at / Byte.SIZE, ALL_SET);
        }
        if (at < end) {
            LittleEndian.putByte(bitmap, at / Byte.SIZE, (1 << (end - at)) - 1);
        }
    }

    /** A null; of a struct, also in its children. */
    public void appendNull() {
        appendNulls(1);
    }

    /** So many nulls. */
    public void appendNulls(final int nulls) {
        if (nulls > 0) {
            requireNullable();
        }
        appendMissing(nulls);
    }

    /** Forgets the values from one on: what was begun and cannot be. */
    public void cut(final int newCount) {
        if (newCount >= count) {
            return;
        }
        for (int i = newCount; nullCount > 0 && i < count; i++) {
            nullCount -= Bits.get(validity.segment(), i) ? 0 : 1;
        }
        count = newCount;
        // Bits begin as zeroes: those of a byte that is kept in part too.
        if (validity.segment() != null) {
            clearBitsFrom(validity.segment());
        }
        if (field.kind() == ColumnKind.BOOLEAN) {
            clearBitsFrom(values.segment());
        }
        if (field.isVariable()) {
            bytes = LittleEndian.getInt(offsets.segment(), (long) count * Integer.BYTES);
        } else if (field.isRepeated()) {
            final int elements = LittleEndian.getInt(offsets.segment(), (long) count * Integer.BYTES);
            children.forEach(child -> child.cut(elements));
        } else {
            children.forEach(child -> child.cut(newCount));
        }
    }

    private void clearBitsFrom(final MemorySegment bits) {
        if ((count & BYTE_MASK) != 0) {
            final long at = count / Byte.SIZE;
            LittleEndian.putByte(bits, at, LittleEndian.getUnsignedByte(bits, at) & (1 << (count & BYTE_MASK)) - 1);
        }
    }

    /** What stands in the place of a null's value is anything: nobody reads it. */
    private void appendMissing(final int more) {
        if (more <= 0) {
            return;
        }
        if (nullCount == 0) {
            beginValidity();
        }
        final int first = reserve(more);
        if (field.isVariable() || field.isRepeated()) {
            appendEnds(first, more);
        } else if (field.kind() == ColumnKind.BOOLEAN) {
            zeroBits(values.segment(), first, more);
        }
        if (field.kind() == ColumnKind.STRUCT) {
            for (int i = 0; i < children.size(); i++) {
                children.get(i).appendMissing(more);
            }
        }
        zeroBits(validity.segment(), first, more);
        nullCount += more;
        count = first + more;
    }

    /** Repeats an offset. A column that is null throughout, as overflow fields mostly are, has been here before. */
    private void appendEnds(final int first, final int more) {
        final MemorySegment ends = offsets.segment();
        final boolean allNull = nullCount == first;
        final int end = allNull ? 0 : LittleEndian.getInt(ends, (long) first * Integer.BYTES);
        for (int at = allNull ? Math.max(first, zeroEnds) : first + 1; at <= first + more; at++) {
            LittleEndian.putInt(ends, (long) at * Integer.BYTES, end);
        }
        zeroEnds = allNull ? Math.max(zeroEnds, first + more + 1) : 0;
    }

    /** Bits begin as zeroes: of the first byte those from the first bit on are it already, unless it begins here. */
    private static void zeroBits(final MemorySegment bits, final int first, final int more) {
        final long begin = (first + (long) BYTE_MASK) / Byte.SIZE;
        zero(bits, begin, (first + (long) more + BYTE_MASK) / Byte.SIZE - begin);
    }

    /** Without a slice to fill, which would be an object. */
    private static void zero(final MemorySegment segment, final long first, final long length) {
        long at = first;
        final long end = first + length;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            LittleEndian.putLong(segment, at, 0);
        }
        for (; at < end; at++) {
            LittleEndian.putByte(segment, at, 0);
        }
    }

    /** The slot of the next value, its memory ready: bits begin as zeros. */
    private int next() {
        if (count >= room) {
            grow();
        }
        final int at = count++;
        zeroEnds = 0;
        if (field.kind() == ColumnKind.BOOLEAN && (at & BYTE_MASK) == 0) {
            LittleEndian.putByte(values.segment(), at / Byte.SIZE, 0);
        }
        return at;
    }

    private void valid(final int at) {
        if (nullCount > 0) {
            if ((at & BYTE_MASK) == 0) {
                LittleEndian.putByte(validity.segment(), at / Byte.SIZE, 1);
            } else {
                Bits.set(validity.segment(), at);
            }
        }
    }

    /** All that came before the first null is valid. */
    private void beginValidity() {
        final MemorySegment bitmap = validity.ensure((long) room / Byte.SIZE + 1);
        for (int i = 0; i < count / Byte.SIZE; i++) {
            LittleEndian.putByte(bitmap, i, ALL_SET);
        }
        if (count % Byte.SIZE != 0) {
            LittleEndian.putByte(bitmap, count / Byte.SIZE, (1 << count % Byte.SIZE) - 1);
        }
        validity.setLength(bitmap.byteSize());
    }

    private void grow() {
        final int larger = Math.max(1 << 10, Math.multiplyExact(room, 2));
        if (nullCount > 0 || validity.segment() != null) {
            validity.setLength((long) room / Byte.SIZE + 1);
            validity.ensure((long) larger / Byte.SIZE + 1);
        }
        if (field.isVariable() || field.isRepeated()) {
            offsets.setLength(room == 0 ? 0 : (long) (count + 1) * Integer.BYTES);
            offsets.ensure((long) (larger + 1) * Integer.BYTES);
            zeroEnds = Math.min(zeroEnds, count);
            if (room == 0) {
                LittleEndian.putInt(offsets.segment(), 0, 0);
            }
        } else if (field.kind() == ColumnKind.BOOLEAN) {
            values.setLength((long) room / Byte.SIZE);
            values.ensure((long) larger / Byte.SIZE);
        } else if (width > 0) {
            values.setLength((long) count * width);
            values.ensure((long) larger * width);
        }
        room = larger;
    }

    @Override
    public void close() {
        validity.close();
        values.close();
        offsets.close();
        zeroEnds = 0;
        children.forEach(ColumnVector::close);
        room = 0;
        count = 0;
    }
}
