package dev.firn.postgres.tuple;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * How the tuples of a relation are taken apart: slot_deform_heap_tuple (executor/execTuples.c), turned from rows to columns.
 *
 * <p>The plan knows up to which attribute offsets are fixed. In a batch without nulls and short tuples those cost an addition; the others walk
 * from where the attribute before ended. With nulls or short tuples in the batch, each value asks the bitmap. Immutable.
 */
public final class DeformPlan {
    private static final int EXTERNAL_HEADER = 0x01;
    private static final int EXTERNAL_BYTES = 18;
    private static final int LONG_HEADER_BYTES = 4;

    private final StoredAttribute[] attributes;

    /** How many attributes have a fixed offset when none before is null; the last of them may be of variable length. */
    private final int fixedCount;

    private final int[] fixedOffsets;

    /** Where among these attributes there is padding: behind it its end, and how many bits of the word before are padding. */
    private final int[] fixedPaddingEnds;

    private final int[] fixedPaddingBits;

    private DeformPlan(final StoredAttribute[] attributes) {
        this.attributes = attributes;
        fixedOffsets = new int[attributes.length];
        int count = 0;
        int at = 0;
        while (count < attributes.length) {
            final StoredAttribute attribute = attributes[count];
            final boolean variable = attribute.length() < 0;
            final int aligned = align(at, attribute.alignment());
            // A varlena with a short header is not aligned, so that its place depends on it, unless it is aligned
            // anyway.
            if (variable) {
                break;
            }
            fixedOffsets[count++] = aligned;
            at = aligned + attribute.length();
        }
        fixedCount = count;
        final int[] ends = new int[count];
        final int[] bits = new int[count];
        int paddings = 0;
        for (int i = 1; i < count; i++) {
            final int padding = fixedOffsets[i] - fixedOffsets[i - 1] - attributes[i - 1].length();
            if (padding > 0) {
                ends[paddings] = fixedOffsets[i];
                bits[paddings++] = padding * Byte.SIZE;
            }
        }
        fixedPaddingEnds = Arrays.copyOf(ends, paddings);
        fixedPaddingBits = Arrays.copyOf(bits, paddings);
    }

    /** Compiles the attributes of a relation in their order, dropped ones too. */
    public static DeformPlan compile(final List<StoredAttribute> attributes) {
        return new DeformPlan(attributes.toArray(StoredAttribute[]::new));
    }

    /** How many attributes there are, dropped ones too. */
    public int attributeCount() {
        return attributes.length;
    }

    /** An attribute, counted from 0. */
    public StoredAttribute attribute(final int index) {
        return attributes[index];
    }

    /**
     * Finds all attributes of all rows.
     *
     * @throws MalformedDataException when a tuple is not one of this relation.
     */
    public void deform(final TupleBatch batch, final DeformedRows out) {
        if (batch.rows() == 0) {
            return;
        }
        if (batch.mostAttributes() > attributes.length) {
            throw tooManyAttributes(batch);
        }
        out.begin(this, batch);
        final boolean clean = !batch.hasNulls() && batch.leastAttributes() == attributes.length;
        int attribute = 0;
        if (clean) {
            attribute = fixedCount;
            deformFixed(batch, out);
        } else {
            clear(out.cursors(), batch.rows());
        }
        for (; attribute < attributes.length; attribute++) {
            if (!clean && attribute % Long.SIZE == 0) {
                findPresent(batch, attribute, out.present());
            }
            final int length = attributes[attribute].length();
            if (length >= 0) {
                if (clean) {
                    walkFixed(batch, attribute, out);
                } else {
                    walkFixedChecked(batch, attribute, out);
                }
            } else if (length == StoredAttribute.VARIABLE) {
                if (clean) {
                    walkVariable(batch, attribute, out);
                } else {
                    walkVariableChecked(batch, attribute, out);
                }
            } else {
                walkStrings(batch, attribute, clean, out);
            }
        }
        checkEnds(batch, out);
    }

    private void deformFixed(final TupleBatch batch, final DeformedRows out) {
        final int rows = batch.rows();
        final int[] begins = batch.dataBegins();
        final int[] ends = batch.dataEnds();
        final int fixedEnd = fixedCount == 0 ? 0 : fixedOffsets[fixedCount - 1] + attributes[fixedCount - 1].length();
        final int[] cursors = out.cursors();
        for (int row = 0; row < rows; row++) {
            cursors[row] = fixedEnd;
            if (begins[row] + fixedEnd > ends[row]) {
                throw fixedTooLong(batch, row);
            }
        }
        for (int attribute = 0; attribute < fixedCount; attribute++) {
            final int offset = fixedOffsets[attribute];
            final int[] positions = out.positions(attribute);
            for (int row = 0; row < rows; row++) {
                positions[row] = begins[row] + offset;
            }
        }
        final MemorySegment segment = batch.segment();
        final byte[] irregular = out.irregular();
        for (int i = 0; i < fixedPaddingEnds.length; i++) {
            final int end = fixedPaddingEnds[i];
            final int bits = fixedPaddingBits[i];
            for (int row = 0; row < rows; row++) {
                if (isPaddingOther(segment, begins[row] + end, bits)) {
                    irregular[row] = 1;
                }
            }
        }
    }

    /** Whether there is anything but zeroes in up to 56 bits before a position; a tuple's header lies before the first. */
    private static boolean isPaddingOther(final MemorySegment segment, final int end, final int bits) {
        return LittleEndian.getLong(segment, end - (long) Long.BYTES) >>> (Long.SIZE - bits) != 0;
    }

    /** Notes padding that is not zero. */
    private static void padding(
            final TupleBatch batch, final int row, final int from, final int to, final DeformedRows out) {
        if (from != to && isPaddingOther(batch.segment(), batch.dataBegins()[row] + to, (to - from) * Byte.SIZE)) {
            out.irregular()[row] = 1;
        }
    }

    private static void clear(final int[] cursors, final int rows) {
        for (int row = 0; row < rows; row++) {
            cursors[row] = 0;
        }
    }

    private void walkFixed(final TupleBatch batch, final int attribute, final DeformedRows out) {
        final int rows = batch.rows();
        final int[] begins = batch.dataBegins();
        final int[] ends = batch.dataEnds();
        final int[] cursors = out.cursors();
        final int[] positions = out.positions(attribute);
        final int length = attributes[attribute].length();
        final int alignment = attributes[attribute].alignment();
        for (int row = 0; row < rows; row++) {
            final int at = align(cursors[row], alignment);
            if (at + length > ends[row] - begins[row]) {
                throw beyond(batch, row, attribute, at, length);
            }
            padding(batch, row, cursors[row], at, out);
            positions[row] = begins[row] + at;
            cursors[row] = at + length;
        }
    }

    /** No processor can tell where the next null is: a value that is not there takes no bytes, and nothing asks for it. */
    private void walkFixedChecked(final TupleBatch batch, final int attribute, final DeformedRows out) {
        final int rows = batch.rows();
        final MemorySegment segment = batch.segment();
        final int[] begins = batch.dataBegins();
        final int[] ends = batch.dataEnds();
        final int[] cursors = out.cursors();
        final int[] positions = out.positions(attribute);
        final int length = attributes[attribute].length();
        final int alignment = attributes[attribute].alignment();
        final long[] present = out.present();
        final byte[] irregular = out.irregular();
        for (int row = 0; row < rows; row++) {
            final int mask = -(int) (present[row] >>> attribute & 1);
            final int cursor = cursors[row];
            final int aligned = align(cursor, alignment);
            if ((ends[row] - begins[row] - aligned - length & mask) < 0) {
                throw beyond(batch, row, attribute, aligned, length);
            }
            final int padding = aligned - cursor & mask;
            final int at = cursor + padding;
            final long before = LittleEndian.getLong(segment, begins[row] + at - (long) Long.BYTES);
            // In halves: 64 bits at once are none.
            if (before >>> 1 >>> (Long.SIZE - 1 - padding * Byte.SIZE) != 0) {
                irregular[row] = 1;
            }
            positions[row] = begins[row] + at | ~mask;
            cursors[row] = at + (length & mask);
        }
        findMissing(batch, attribute, positions);
    }

    /** Tells those that a tuple was stored without, and that have a value there all the same, from those that are null. */
    private void findMissing(final TupleBatch batch, final int attribute, final int[] positions) {
        if (attributes[attribute].missing() == null || batch.leastAttributes() > attribute) {
            return;
        }
        final int rows = batch.rows();
        final int[] counts = batch.attributeCounts();
        for (int row = 0; row < rows; row++) {
            if (attribute >= counts[row]) {
                positions[row] = DeformedRows.MISSING;
            }
        }
    }

    /** The loop has the short header, which is the common one, in line. */
    private void walkVariable(final TupleBatch batch, final int attribute, final DeformedRows out) {
        final int rows = batch.rows();
        final MemorySegment segment = batch.segment();
        final int[] begins = batch.dataBegins();
        final int[] ends = batch.dataEnds();
        final int[] cursors = out.cursors();
        final int[] positions = out.positions(attribute);
        final int[] lengths = out.lengths(attribute);
        for (int row = 0; row < rows; row++) {
            final int at = begins[row] + cursors[row];
            final int header = at < ends[row] ? LittleEndian.getUnsignedByte(segment, at) : 0;
            final int length = header >>> 1;
            if ((header & 1) == 0 || header == EXTERNAL_HEADER || length > ends[row] - at) {
                variable(batch, row, attribute, out);
                continue;
            }
            positions[row] = at;
            lengths[row] = length;
            cursors[row] += length;
        }
    }

    /** As {@link #walkFixedChecked}; of a value that is not there the length is 0. */
    private void walkVariableChecked(final TupleBatch batch, final int attribute, final DeformedRows out) {
        final int rows = batch.rows();
        final MemorySegment segment = batch.segment();
        final int[] begins = batch.dataBegins();
        final int[] ends = batch.dataEnds();
        final int[] cursors = out.cursors();
        final int[] positions = out.positions(attribute);
        final int[] lengths = out.lengths(attribute);
        final long[] present = out.present();
        final int last = (int) segment.byteSize() - 1;
        for (int row = 0; row < rows; row++) {
            final int mask = -(int) (present[row] >>> attribute & 1);
            final int at = begins[row] + cursors[row];
            final int header = LittleEndian.getUnsignedByte(segment, Math.min(at, last));
            final int length = header >>> 1;
            // Of no bytes, as the header of what is out of line says, or longer than what is left, which also is so at
            // the end.
            final int other = (~header & 1) | (length - 1 | ends[row] - at - length) >>> (Integer.SIZE - 1);
            if ((other & mask) != 0) {
                variable(batch, row, attribute, out);
                continue;
            }
            positions[row] = at | ~mask;
            lengths[row] = length & mask;
            cursors[row] += length & mask;
        }
        findMissing(batch, attribute, positions);
    }

    /** att_align_pointer and att_addlength_pointer of a varlena: a first byte of zero is padding. */
    private void variable(final TupleBatch batch, final int row, final int attribute, final DeformedRows out) {
        final MemorySegment segment = batch.segment();
        final int begin = batch.dataBegins()[row];
        final int size = batch.dataEnds()[row] - begin;
        final int cursor = out.cursors()[row];
        int at = cursor;
        if (at >= size) {
            throw beyond(batch, row, attribute, at, 1);
        }
        int header = LittleEndian.getUnsignedByte(segment, begin + at);
        if (header == 0) {
            at = align(at, attributes[attribute].alignment());
            if (at >= size) {
                throw beyond(batch, row, attribute, at, 1);
            }
            header = LittleEndian.getUnsignedByte(segment, begin + at);
        }
        final int length;
        if ((header & 1) != 0) {
            length = header == EXTERNAL_HEADER ? EXTERNAL_BYTES : header >>> 1;
        } else {
            if (at + LONG_HEADER_BYTES > size) {
                throw beyond(batch, row, attribute, at, LONG_HEADER_BYTES);
            }
            length = LittleEndian.getInt(segment, begin + at) >>> 2;
            if (length < LONG_HEADER_BYTES) {
                throw beyond(batch, row, attribute, at, length);
            }
        }
        if (length > size - at) {
            throw beyond(batch, row, attribute, at, length);
        }
        final boolean isShort = (header & 1) != 0;
        if (at != (isShort ? cursor : align(cursor, attributes[attribute].alignment()))) {
            out.irregular()[row] = 1;
        }
        padding(batch, row, cursor, at, out);
        out.positions(attribute)[row] = begin + at;
        out.lengths(attribute)[row] = length;
        out.cursors()[row] = at + length;
    }

    private void walkStrings(final TupleBatch batch, final int attribute, final boolean clean, final DeformedRows out) {
        final int rows = batch.rows();
        final long[] present = out.present();
        final int[] cursors = out.cursors();
        for (int row = 0; row < rows; row++) {
            if (!clean && (present[row] >>> attribute & 1) == 0) {
                out.positions(attribute)[row] = DeformedRows.NULL;
                out.lengths(attribute)[row] = 0;
                continue;
            }
            final int begin = batch.dataBegins()[row];
            final int size = batch.dataEnds()[row] - begin;
            final int at = align(cursors[row], attributes[attribute].alignment());
            int end = at;
            while (end < size && LittleEndian.getUnsignedByte(batch.segment(), begin + end) != 0) {
                end++;
            }
            if (end >= size) {
                throw beyond(batch, row, attribute, at, end + 1 - at);
            }
            padding(batch, row, cursors[row], at, out);
            out.positions(attribute)[row] = begin + at;
            out.lengths(attribute)[row] = end + 1 - at;
            cursors[row] = end + 1;
        }
        if (!clean) {
            findMissing(batch, attribute, out.positions(attribute));
        }
    }

    /** Looks each row's null bitmap up once for 64 attributes: one after the other would go to all tuples again for each. */
    private static void findPresent(final TupleBatch batch, final int first, final long[] present) {
        final int rows = batch.rows();
        final int[] counts = batch.attributeCounts();
        final int[] bitmaps = batch.bitmaps();
        for (int row = 0; row < rows; row++) {
            final int count = counts[row] - first;
            if (count <= 0) {
                present[row] = 0;
                continue;
            }
            final long bits = bitmaps[row] < 0 ? -1 : bits(batch.segment(), bitmaps[row] + first / Byte.SIZE, count);
            present[row] = count >= Long.SIZE ? bits : bits & ((1L << count) - 1);
        }
    }

    /** Up to 64 bits; what is beyond those that are asked for is undefined. */
    private static long bits(final MemorySegment segment, final int at, final int count) {
        if (at + Long.BYTES <= segment.byteSize()) {
            return LittleEndian.getLong(segment, at);
        }
        long bits = 0;
        for (int i = 0; i * Byte.SIZE < count && i < Long.BYTES; i++) {
            bits |= (long) LittleEndian.getUnsignedByte(segment, at + i) << (i * Byte.SIZE);
        }
        return bits;
    }

    /** A tuple ends where its last attribute does (heap_form_tuple): otherwise it is not of these attributes. */
    private static void checkEnds(final TupleBatch batch, final DeformedRows out) {
        final int rows = batch.rows();
        final int[] begins = batch.dataBegins();
        final int[] ends = batch.dataEnds();
        final int[] cursors = out.cursors();
        for (int row = 0; row < rows; row++) {
            if (begins[row] + cursors[row] != ends[row]) {
                throw new MalformedDataException(place(batch, row) + ": its attributes take " + cursors[row]
                        + " bytes, and it has " + (ends[row] - begins[row]));
            }
        }
    }

    private static int align(final int offset, final int alignment) {
        return (offset + alignment - 1) & -alignment;
    }

    private static String place(final TupleBatch batch, final int row) {
        return "block " + Integer.toUnsignedString(batch.block(row)) + ", offset " + batch.offsetNumber(row);
    }

    private MalformedDataException beyond(
            final TupleBatch batch, final int row, final int attribute, final int at, final int length) {
        return new MalformedDataException(place(batch, row) + ", attribute " + attributes[attribute].name() + ": "
                + length + " bytes at " + at + ", in data of " + (batch.dataEnds()[row] - batch.dataBegins()[row]));
    }

    private MalformedDataException fixedTooLong(final TupleBatch batch, final int row) {
        final int size = batch.dataEnds()[row] - batch.dataBegins()[row];
        int attribute = 0;
        while (fixedOffsets[attribute] + attributes[attribute].length() <= size) {
            attribute++;
        }
        return beyond(batch, row, attribute, fixedOffsets[attribute], attributes[attribute].length());
    }

    private MalformedDataException tooManyAttributes(final TupleBatch batch) {
        int row = 0;
        while (batch.attributeCounts()[row] <= attributes.length) {
            row++;
        }
        return new MalformedDataException(place(batch, row) + ": it has " + batch.attributeCounts()[row]
                + " attributes, and its relation " + attributes.length);
    }
}
