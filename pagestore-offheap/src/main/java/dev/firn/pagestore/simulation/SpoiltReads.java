package dev.firn.pagestore.simulation;

import dev.firn.nvmecache.reader.CachedObject;
import dev.firn.nvmecache.reader.ObjectReadHandler;
import dev.firn.pagestore.timeline.ObjectReads;
import dev.firn.s3tier.store.GetOutcome;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Reads as through a cache that was given bits turned over on the way from the store: some ranges are wrong each time they are read, until somebody
 * says that they are to be forgotten; from then on they are right.
 */
final class SpoiltReads implements ObjectReads {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final ObjectReads reads;
    private final RandomGenerator random;
    private final int onesIn;
    private final boolean forgets;
    private final Map<Range, Long> spoilt = new HashMap<>();
    private final Set<Range> right = new HashSet<>();

    private record Range(String key, long offset, long lengthBytes) {}

    /**
     * @param onesIn one range in so many is spoilt; 0 for none.
     * @param forgets false for a cache that keeps what it has.
     */
    SpoiltReads(final ObjectReads reads, final RandomGenerator random, final int onesIn, final boolean forgets) {
        this.reads = reads;
        this.random = random;
        this.onesIn = onesIn;
        this.forgets = forgets;
    }

    @Override
    public boolean read(
            final CachedObject object,
            final long offset,
            final MemorySegment into,
            final long lengthBytes,
            final ObjectReadHandler handler,
            final long token) {
        final Range range = new Range(object.key(), offset, lengthBytes);
        return reads.read(object, offset, into, lengthBytes, spoiling(range, into, handler), token);
    }

    private ObjectReadHandler spoiling(final Range range, final MemorySegment into, final ObjectReadHandler handler) {
        return new ObjectReadHandler() {
            @Override
            public void onRead(final long token) {
                spoil(range, into);
                handler.onRead(token);
            }

            @Override
            public void onFailed(final long token, final GetOutcome why) {
                handler.onFailed(token, why);
            }
        };
    }

    private void spoil(final Range range, final MemorySegment bytes) {
        if (onesIn > 0 && !spoilt.containsKey(range) && random.nextInt(onesIn) == 0 && !right.contains(range)) {
            spoilt.put(range, random.nextLong(range.lengthBytes * Byte.SIZE));
        }
        final Long bit = spoilt.get(range);
        if (bit != null) {
            final long at = bit / Byte.SIZE;
            bytes.set(BYTE, at, (byte) (bytes.get(BYTE, at) ^ 1 << bit % Byte.SIZE));
        }
    }

    @Override
    public void forget(final CachedObject object, final long offset, final long lengthBytes) {
        if (!forgets) {
            return;
        }
        spoilt.keySet().removeIf(range -> {
            final boolean overlaps = range.key.equals(object.key())
                    && range.offset < offset + lengthBytes
                    && offset < range.offset + range.lengthBytes;
            if (overlaps) {
                right.add(range);
            }
            return overlaps;
        });
    }

    @Override
    public int poll(final int limit) {
        return reads.poll(limit);
    }

    @Override
    public int maxReadBytes() {
        return reads.maxReadBytes();
    }
}
