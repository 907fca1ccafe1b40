package dev.firn.columnar.parquet;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.ColumnKind;
import dev.firn.columnar.batch.ColumnVector;
import dev.firn.columnar.buffer.GrowingBuffer;
import dev.firn.columnar.kernel.Bits;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/**
 * Takes a leaf of lists, structs and maps apart into repetition and definition levels, and the positions of its values. Goes down the schema one
 * field at a time, over all rows of the page: what a field makes of the slots above it are the slots of the next.
 */
final class Shredder implements AutoCloseable {
    private static final MemoryTag SLOTS = MemoryTag.of("lake-slots");

    /** In place of a position, where something above is null or empty. */
    private static final int NOTHING = -1;

    private GrowingBuffer repetition;
    private GrowingBuffer definition;
    private GrowingBuffer position;
    private GrowingBuffer nextRepetition;
    private GrowingBuffer nextDefinition;
    private GrowingBuffer nextPosition;
    private int slots;
    private int valueCount;

    Shredder(final OffHeapMemory memory) {
        repetition = new GrowingBuffer(memory, SLOTS);
        definition = new GrowingBuffer(memory, SLOTS);
        position = new GrowingBuffer(memory, SLOTS);
        nextRepetition = new GrowingBuffer(memory, SLOTS);
        nextDefinition = new GrowingBuffer(memory, SLOTS);
        nextPosition = new GrowingBuffer(memory, SLOTS);
    }

    /** @param vectors on the way to the leaf, the leaf the last. */
    void shred(final ColumnVector[] vectors, final int firstRow, final int rows) {
        begin(firstRow, rows);
        int repetitionLevel = 0;
        for (final ColumnVector vector : vectors) {
            final ColumnField field = vector.field();
            if (field.nullable()) {
                define(vector);
            }
            if (field.isRepeated()) {
                repeat(vector, ++repetitionLevel);
            }
        }
        int values = 0;
        final MemorySegment positions = position.segment();
        for (int i = 0; i < slots; i++) {
            final int at = LittleEndian.getInt(positions, (long) i * Integer.BYTES);
            if (at != NOTHING) {
                LittleEndian.putInt(positions, (long) values++ * Integer.BYTES, at);
            }
        }
        valueCount = values;
    }

    private void begin(final int firstRow, final int rows) {
        final long bytes = (long) rows * Integer.BYTES;
        final MemorySegment positions = position.ensure(bytes);
        repetition.ensure(bytes).asSlice(0, bytes).fill((byte) 0);
        definition.ensure(bytes).asSlice(0, bytes).fill((byte) 0);
        for (int i = 0; i < rows; i++) {
            LittleEndian.putInt(positions, (long) i * Integer.BYTES, firstRow + i);
        }
        slots = rows;
    }

    /** What is there gains a level; what is null goes no further. */
    private void define(final ColumnVector vector) {
        final MemorySegment positions = position.segment();
        final MemorySegment levels = definition.segment();
        for (int i = 0; i < slots; i++) {
            final long at = (long) i * Integer.BYTES;
            final int index = LittleEndian.getInt(positions, at);
            if (index == NOTHING) {
                continue;
            }
            if (vector.isNull(index)) {
                LittleEndian.putInt(positions, at, NOTHING);
            } else {
                LittleEndian.putInt(levels, at, LittleEndian.getInt(levels, at) + 1);
            }
        }
    }

    /** A list becomes as many slots as it has elements; an empty one stays one slot, without a value. */
    private void repeat(final ColumnVector vector, final int level) {
        long wanted = 0;
        final MemorySegment ends = vector.offsets();
        for (int i = 0; i < slots; i++) {
            wanted += Math.max(1, length(ends, LittleEndian.getInt(position.segment(), (long) i * Integer.BYTES)));
        }
        final long bytes = Math.multiplyExact(wanted, (long) Integer.BYTES);
        final MemorySegment outRepetition = nextRepetition.ensure(bytes);
        final MemorySegment outDefinition = nextDefinition.ensure(bytes);
        final MemorySegment outPosition = nextPosition.ensure(bytes);
        long to = 0;
        for (int i = 0; i < slots; i++) {
            final long at = (long) i * Integer.BYTES;
            final int index = LittleEndian.getInt(position.segment(), at);
            final int length = length(ends, index);
            final int defined = LittleEndian.getInt(definition.segment(), at);
            int repeated = LittleEndian.getInt(repetition.segment(), at);
            if (length == 0) {
                LittleEndian.putInt(outRepetition, to, repeated);
                LittleEndian.putInt(outDefinition, to, defined);
                LittleEndian.putInt(outPosition, to, NOTHING);
                to += Integer.BYTES;
                continue;
            }
            final int first = LittleEndian.getInt(ends, (long) index * Integer.BYTES);
            for (int element = 0; element < length; element++) {
                LittleEndian.putInt(outRepetition, to, repeated);
                LittleEndian.putInt(outDefinition, to, defined + 1);
                LittleEndian.putInt(outPosition, to, first + element);
                to += Integer.BYTES;
                repeated = level;
            }
        }
        slots = (int) wanted;
        swap();
    }

    private static int length(final MemorySegment ends, final int index) {
        return index == NOTHING
                ? 0
                : LittleEndian.getInt(ends, (long) (index + 1) * Integer.BYTES)
                        - LittleEndian.getInt(ends, (long) index * Integer.BYTES);
    }

    private void swap() {
        GrowingBuffer other = repetition;
        repetition = nextRepetition;
        nextRepetition = other;
        other = definition;
        definition = nextDefinition;
        nextDefinition = other;
        other = position;
        position = nextPosition;
        nextPosition = other;
    }

    int slots() {
        return slots;
    }

    int valueCount() {
        return valueCount;
    }

    MemorySegment repetition() {
        return repetition.segment();
    }

    MemorySegment definition() {
        return definition.segment();
    }

    /** Copies the leaf's values close together, where {@code work.values} then finds them. */
    void gather(final ColumnVector vector, final PageWorkspace work) {
        final ColumnField field = vector.field();
        final MemorySegment positions = position.segment();
        if (field.isVariable()) {
            gatherVariable(vector, positions, work);
        } else if (field.kind() == ColumnKind.BOOLEAN) {
            final long bytes = valueCount / Byte.SIZE + 1L;
            final MemorySegment out = work.dense.ensure(bytes);
            out.asSlice(0, bytes).fill((byte) 0);
            for (int i = 0; i < valueCount; i++) {
                final int index = LittleEndian.getInt(positions, (long) i * Integer.BYTES);
                if (Bits.get(vector.values(), index)) {
                    Bits.set(out, i);
                }
            }
            work.values.wrapBits(out, 0, valueCount);
        } else {
            final int width = field.vectorWidth();
            final MemorySegment out = work.dense.ensure((long) valueCount * width);
            for (int i = 0; i < valueCount; i++) {
                final long index = LittleEndian.getInt(positions, (long) i * Integer.BYTES);
                MemorySegment.copy(vector.values(), index * width, out, (long) i * width, width);
            }
            work.values.wrapFixed(out, 0, valueCount, width);
        }
    }

    private void gatherVariable(final ColumnVector vector, final MemorySegment positions, final PageWorkspace work) {
        final MemorySegment ends = work.turned.ensure((long) (valueCount + 1) * Integer.BYTES);
        work.dense.clear();
        work.dense.ensure(0);
        LittleEndian.putInt(ends, 0, 0);
        for (int i = 0; i < valueCount; i++) {
            final long index = LittleEndian.getInt(positions, (long) i * Integer.BYTES);
            final int start = LittleEndian.getInt(vector.offsets(), index * Integer.BYTES);
            final int end = LittleEndian.getInt(vector.offsets(), (index + 1) * Integer.BYTES);
            if (end > start) {
                work.dense.append(vector.values(), start, end - start);
            }
            LittleEndian.putInt(ends, (long) (i + 1) * Integer.BYTES, (int) work.dense.length());
        }
        work.values.wrapVariable(work.dense.segment(), ends, 0, valueCount);
    }

    @Override
    public void close() {
        repetition.close();
        definition.close();
        position.close();
        nextRepetition.close();
        nextDefinition.close();
        nextPosition.close();
    }
}
