package dev.firn.postgres.compression;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;

/**
 * Compresses as Postgres does (pglz_compress of common/pg_lzcompress.c with its default strategy), match for match: what it makes of a value is what a
 * heap page holds of it. Values that were compressed come back from their text by it, so that <b>its output must never change</b>.
 *
 * <p>The hash of a position is taken of signed characters, as on x86-64: where they have no sign, as on most ARM systems, it is another one, and so may be
 * the matches. One thread owns an instance; nothing is allocated for a value.
 */
public final class PglzCompressor {
    /** What {@link #compress} returns of a value that Postgres leaves as it is. */
    public static final int INCOMPRESSIBLE = -1;

    // PGLZ_strategy_default.
    private static final int MIN_INPUT_BYTES = 32;
    private static final int MIN_RATE_PERCENT = 25;
    private static final int FIRST_SUCCESS_BYTES = 1024;
    private static final int GOOD_MATCH_BYTES = 128;
    private static final int GOOD_MATCH_DROP_PERCENT = 10;

    private static final int HISTORY = 4096;
    private static final int MOST_LISTS = 8192;
    private static final int MAX_MATCH_BYTES = 273;
    private static final int MAX_DISTANCE = 0x0FFF;
    private static final int PERCENT = 100;

    /** From here on a candidate has to be as long as the best one before it is looked at byte for byte. */
    private static final int COMPARED_WHOLE = 16;

    /** Entry 0 is the end of all lists, and written to freely. */
    private static final int NONE = 0;

    private final short[] lists = new short[MOST_LISTS];
    private final short[] nexts = new short[HISTORY + 1];
    private final short[] prevs = new short[HISTORY + 1];
    private final short[] hashes = new short[HISTORY + 1];
    private final long[] positions = new long[HISTORY + 1];
    private int nextEntry;
    private boolean recycles;
    private int mask;
    private int matchBytes;
    private int matchDistance;

    // Where the output is, and the control byte that is being filled.
    private MemorySegment target;
    private long out;
    private long controlAt;
    private int control;
    private int controlBit;

    /** The most that a value of so many bytes may take while it is being compressed: PGLZ_MAX_OUTPUT. */
    public static int maxBytes(final int rawBytes) {
        return Math.addExact(rawBytes, Integer.BYTES);
    }

    /**
     * Compresses a value.
     *
     * @param into with room for {@link #maxBytes}; not the memory that is compressed.
     * @return how many bytes it became, or {@link #INCOMPRESSIBLE}.
     */
    public int compress(
            final MemorySegment source, final long offset, final int bytes, final MemorySegment into, final long at) {
        Objects.checkFromIndexSize(offset, bytes, source.byteSize());
        Objects.checkFromIndexSize(at, (long) maxBytes(bytes), into.byteSize());
        if (bytes < MIN_INPUT_BYTES) {
            return INCOMPRESSIBLE;
        }
        final long most = bytes > Integer.MAX_VALUE / PERCENT
                ? (long) bytes / PERCENT * (PERCENT - MIN_RATE_PERCENT)
                : (long) bytes * (PERCENT - MIN_RATE_PERCENT) / PERCENT;
        begin(bytes, into, at);
        final long end = offset + bytes;
        boolean matched = false;
        long in = offset;
        while (in < end) {
            if (out - at >= most || (!matched && out - at >= FIRST_SUCCESS_BYTES)) {
                return INCOMPRESSIBLE;
            }
            if (findMatch(source, in, end)) {
                putMatch();
                for (int i = 0; i < matchBytes; i++) {
                    remember(source, in++, end);
                }
                matched = true;
            } else {
                putLiteral(source.get(JAVA_BYTE, in));
                remember(source, in++, end);
            }
        }
        target.set(JAVA_BYTE, controlAt, (byte) control);
        return out - at >= most ? INCOMPRESSIBLE : (int) (out - at);
    }

    private void begin(final int bytes, final MemorySegment into, final long at) {
        int size = MOST_LISTS;
        // Short values have fewer lists: 512 of less than 128 bytes, and twice as many from each power of two on.
        for (int limit = 1024; limit >= 128 && bytes < limit; limit /= 2) {
            size /= 2;
        }
        mask = size - 1;
        Arrays.fill(lists, 0, size, (short) NONE);
        nextEntry = 1;
        recycles = false;
        target = into;
        out = at;
        controlAt = at;
        control = 0;
        controlBit = 0;
    }

    /** pglz_hist_idx. */
    private int hash(final MemorySegment source, final long at, final long end) {
        final int first = source.get(JAVA_BYTE, at);
        final int hash = end - at < Integer.BYTES
                ? first
                : first << 6
                        ^ source.get(JAVA_BYTE, at + 1) << 4
                        ^ source.get(JAVA_BYTE, at + 2) << 2
                        ^ source.get(JAVA_BYTE, at + 3);
        return hash & mask;
    }

    /** pglz_hist_add: puts a position before the others of its list; the oldest of all goes. */
    private void remember(final MemorySegment source, final long at, final long end) {
        final int list = hash(source, at, end);
        final int entry = nextEntry;
        if (recycles) {
            if (prevs[entry] == NONE) {
                lists[hashes[entry]] = nexts[entry];
            } else {
                nexts[prevs[entry]] = nexts[entry];
            }
            prevs[nexts[entry]] = prevs[entry];
        }
        nexts[entry] = lists[list];
        prevs[entry] = NONE;
        hashes[entry] = (short) list;
        positions[entry] = at;
        prevs[lists[list]] = (short) entry;
        lists[list] = (short) entry;
        nextEntry++;
        if (nextEntry > HISTORY) {
            nextEntry = 1;
            recycles = true;
        }
    }

    /** pglz_find_match: the more candidates were looked at, the shorter a match is good enough. */
    private boolean findMatch(final MemorySegment source, final long at, final long end) {
        int best = 0;
        int bestDistance = 0;
        int good = GOOD_MATCH_BYTES;
        int entry = lists[hash(source, at, end)];
        final int most = (int) Math.min(end - at, MAX_MATCH_BYTES);
        while (entry != NONE) {
            final long distance = at - positions[entry];
            if (distance >= MAX_DISTANCE) {
                break;
            }
            final long from = positions[entry];
            int length = 0;
            if (best < COMPARED_WHOLE || MemorySegment.mismatch(source, at, at + best, source, from, from + best) < 0) {
                length = best < COMPARED_WHOLE ? 0 : best;
                while (length < most && source.get(JAVA_BYTE, at + length) == source.get(JAVA_BYTE, from + length)) {
                    length++;
                }
            }
            if (length > best) {
                best = length;
                bestDistance = (int) distance;
            }
            entry = nexts[entry];
            if (entry != NONE) {
                if (best >= good) {
                    break;
                }
                good -= good * GOOD_MATCH_DROP_PERCENT / PERCENT;
            }
        }
        matchBytes = best;
        matchDistance = bestDistance;
        return best > 2;
    }

    private void beginItem() {
        if ((controlBit & 0xFF) == 0) {
            target.set(JAVA_BYTE, controlAt, (byte) control);
            controlAt = out++;
            control = 0;
            controlBit = 1;
        }
    }

    private void putLiteral(final byte value) {
        beginItem();
        target.set(JAVA_BYTE, out++, value);
        controlBit <<= 1;
    }

    private void putMatch() {
        beginItem();
        control |= controlBit;
        controlBit <<= 1;
        final int high = (matchDistance & 0xF00) >>> 4;
        if (matchBytes > 17) {
            target.set(JAVA_BYTE, out++, (byte) (high | 0x0F));
            target.set(JAVA_BYTE, out++, (byte) matchDistance);
            target.set(JAVA_BYTE, out++, (byte) (matchBytes - 18));
        } else {
            target.set(JAVA_BYTE, out++, (byte) (high | matchBytes - 3));
            target.set(JAVA_BYTE, out++, (byte) matchDistance);
        }
    }
}
