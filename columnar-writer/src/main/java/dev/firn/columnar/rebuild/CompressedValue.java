package dev.firn.columnar.rebuild;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.compression.PglzCompressor;
import java.lang.foreign.MemorySegment;

/**
 * A value that a tuple holds compressed (varattrib_4b's va_compressed of varatt.h): its header, the length and the method of what it was, and the output of
 * pglz. lz4 values keep their bytes in the residue: what lz4 makes of a value is a matter of its version, and pages must come back by every version of
 * Firn. Owned by one thread.
 */
final class CompressedValue {
    /**
     * In the residue stands for the bytes of a value that comes back by compressing it. The first byte says that the value is out of line, the second is
     * the kind of its pointer, and of no kind that Postgres has (vartag_external of varatt.h).
     */
    static final int MARK = 0x80_01;

    static final int MARK_BYTES = Short.BYTES;

    private static final int HEADER_BYTES = 8;
    private static final int COMPRESSED_FLAG = 0x02;
    private static final int FLAGS_MASK = 0x03;

    /** TOAST_PGLZ_COMPRESSION_ID: the two bits above a length of thirty bits. */
    private static final int METHOD_SHIFT = 30;

    private final PglzCompressor pglz = new PglzCompressor();

    /** Whether what is stored is a value that pglz has compressed. */
    static boolean isAt(final MemorySegment segment, final long at, final int length) {
        return length > HEADER_BYTES
                && (LittleEndian.getUnsignedByte(segment, at) & FLAGS_MASK) == COMPRESSED_FLAG
                && LittleEndian.getInt(segment, at + Integer.BYTES) >>> METHOD_SHIFT == 0;
    }

    /** Compresses the value of a slot, which then is stored; false when pglz leaves it as it is, and it stays. */
    boolean compress(final DatumRun run, final int slot) {
        final DatumBytes scratch = run.scratch();
        final int rawBytes = run.lengths()[slot];
        final long at = scratch.zeroes(HEADER_BYTES + PglzCompressor.maxBytes(rawBytes));
        // The scratch memory may have moved, and the value be in it.
        final int bytes =
                pglz.compress(run.bytes(slot), run.numbers()[slot], rawBytes, scratch.segment(), at + HEADER_BYTES);
        if (bytes == PglzCompressor.INCOMPRESSIBLE) {
            scratch.cut(at);
            return false;
        }
        LittleEndian.putInt(scratch.segment(), at, (HEADER_BYTES + bytes) << 2 | COMPRESSED_FLAG);
        LittleEndian.putInt(scratch.segment(), at + Integer.BYTES, rawBytes);
        scratch.cut(at + HEADER_BYTES + bytes);
        run.setCompressed(slot, at);
        return true;
    }
}
