package dev.firn.nativeio.checksum;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.ref.Reference;
import java.util.Objects;
import java.util.zip.CRC32C;

/**
 * CRC-32C at hardware speed.
 *
 * <p>HotSpot compiles the private methods {@code CRC32C.updateDirectByteBuffer} and {@code updateBytes} to the CPU's own
 * instructions (CRC32 with carry-less multiplication, where there are any). The public class reaches them only through a
 * {@code ByteBuffer} and an object with state; here they are bound directly, which takes
 * {@code --add-opens=java.base/java.util.zip=ALL-UNNAMED}. Without that flag {@link PortableCrc32c} serves, and
 * {@link #describe()} says so.
 *
 * <p>The memory is borrowed for the call: like any native call, it must not be freed or closed by another thread meanwhile.
 */
public final class Crc32c {
    /**
     * Most bytes handed to the intrinsic at once. It takes an int, and it does not stop for the garbage collector: at
     * 10 GB/s this much takes 1.6 ms.
     */
    private static final int CHUNK_BYTES = 16 << 20;

    private static final MethodHandle UPDATE_ADDRESS = bind("updateDirectByteBuffer", long.class);
    private static final MethodHandle UPDATE_ARRAY = bind("updateBytes", byte[].class);
    private static final boolean DIRECT = UPDATE_ADDRESS != null && UPDATE_ARRAY != null;

    private Crc32c() {}

    /** The checksum of a range. */
    public static int compute(final MemorySegment segment, final long offset, final long lengthBytes) {
        return update(0, segment, offset, lengthBytes);
    }

    /** The checksum of a whole segment. */
    public static int compute(final MemorySegment segment) {
        return update(0, segment, 0, segment.byteSize());
    }

    /** The checksum of a range of an array. */
    public static int compute(final byte[] bytes, final int offset, final int length) {
        return update(0, bytes, offset, length);
    }

    /**
     * The checksum of what came before, followed by a range.
     *
     * @param crc checksum of what came before; 0 when nothing did.
     * @param segment native memory or a byte array; another heap segment or a read-only one is copied piecewise.
     * @throws IndexOutOfBoundsException when the range is not within the segment.
     * @throws IllegalStateException when the segment's memory is gone.
     * @throws WrongThreadException when the segment is confined to another thread.
     */
    public static int update(final int crc, final MemorySegment segment, final long offset, final long lengthBytes) {
        requireReadable(segment, offset, lengthBytes);
        if (lengthBytes == 0) {
            return crc;
        }
        if (!DIRECT) {
            return PortableCrc32c.update(crc, segment, offset, lengthBytes);
        }
        if (segment.isNative()) {
            return updateNative(crc, segment, offset, lengthBytes);
        }
        if (segment.heapBase().orElse(null) instanceof byte[] array) {
            // For a heap segment, address() is the offset of its first byte within the array.
            return updateArray(crc, array, (int) (segment.address() + offset), (int) lengthBytes);
        }
        return PortableCrc32c.update(crc, segment, offset, lengthBytes);
    }

    /** As {@link #update(int, MemorySegment, long, long)}, for an array. */
    public static int update(final int crc, final byte[] bytes, final int offset, final int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        return DIRECT
                ? updateArray(crc, bytes, offset, length)
                : PortableCrc32c.update(crc, MemorySegment.ofArray(bytes), offset, length);
    }

    /**
     * The checksum of A followed by B, from the checksums of the two: no byte is read again.
     *
     * @param lengthBytesB how long B is.
     */
    public static int combine(final int crcA, final int crcB, final long lengthBytesB) {
        return Crc32cPolynomial.combine(crcA, crcB, lengthBytesB);
    }

    /** How checksums are computed here, for the log, {@code firn doctor} and benchmarks. */
    public static String describe() {
        return DIRECT
                ? "CRC-32C by the JVM's intrinsic, direct on memory"
                : "CRC-32C through byte buffers (slower on short ranges, allocates): start the JVM with"
                        + " --add-opens=java.base/java.util.zip=ALL-UNNAMED";
    }

    /** Whether the intrinsic is bound, so that nothing is allocated. */
    public static boolean isDirect() {
        return DIRECT;
    }

    /** Bounds, liveness and thread confinement, with the JDK's own exceptions: touching a byte checks all of them. */
    private static void requireReadable(final MemorySegment segment, final long offset, final long lengthBytes) {
        Objects.checkFromIndexSize(offset, lengthBytes, segment.byteSize());
        if (lengthBytes != 0) {
            final byte ignored = segment.get(JAVA_BYTE, offset);
        }
    }

    private static int updateNative(
            final int crc, final MemorySegment segment, final long offset, final long lengthBytes) {
        // The intrinsic works on the inverted state: inverted before the first byte and after the last.
        int state = ~crc;
        final long end = segment.address() + offset + lengthBytes;
        long address = segment.address() + offset;
        try {
            while (address < end) {
                final int chunk = (int) Math.min(CHUNK_BYTES, end - address);
                state = (int) UPDATE_ADDRESS.invokeExact(state, address, 0, chunk);
                address += chunk;
            }
        } catch (final Throwable e) {
            throw new AssertionError("CRC32C.updateDirectByteBuffer was called wrongly", e);
        } finally {
            Reference.reachabilityFence(segment);
        }
        return ~state;
    }

    private static int updateArray(final int crc, final byte[] bytes, final int offset, final int length) {
        int state = ~crc;
        final int end = offset + length;
        int start = offset;
        try {
            while (start < end) {
                final int chunkEnd = start + Math.min(CHUNK_BYTES, end - start);
                state = (int) UPDATE_ARRAY.invokeExact(state, bytes, start, chunkEnd);
                start = chunkEnd;
            }
        } catch (final Throwable e) {
            throw new AssertionError("CRC32C.updateBytes was called wrongly", e);
        }
        return ~state;
    }

    /** A handle for {@code int name(int state, where, int offset, int end)}, or null when the JDK does not let us. */
    private static MethodHandle bind(final String name, final Class<?> where) {
        try {
            final MethodType type = MethodType.methodType(int.class, int.class, where, int.class, int.class);
            return MethodHandles.privateLookupIn(CRC32C.class, MethodHandles.lookup())
                    .findStatic(CRC32C.class, name, type);
        } catch (final IllegalAccessException | NoSuchMethodException closed) {
            return null;
        }
    }
}
