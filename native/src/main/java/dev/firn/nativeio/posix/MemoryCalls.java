package dev.firn.nativeio.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Mappings of anonymous memory (mmap(2), madvise(2), mlock(2)). Addresses are plain numbers here: who maps decides which
 * segment and which arena stand for them. All calls are of the control path.
 */
public final class MemoryCalls {
    // asm-generic/mman-common.h, linux/mman.h
    public static final int PROT_READ = 0x1;
    public static final int PROT_WRITE = 0x2;
    public static final int MAP_PRIVATE = 0x02;
    public static final int MAP_ANONYMOUS = 0x20;
    public static final int MAP_HUGETLB = 0x4_0000;

    /** log2(2 MiB) at the place where mmap(2) looks for the size of huge pages (MAP_HUGE_SHIFT). */
    public static final int MAP_HUGE_2MB = 21 << 26;

    public static final int MADV_HUGEPAGE = 14;

    /** Faults every page in, writable, and says so when one cannot be had; since Linux 5.14. */
    public static final int MADV_POPULATE_WRITE = 23;

    private static final MethodHandle MMAP = Libc.function(
            "mmap", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MUNMAP =
            Libc.function("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle MADVISE =
            Libc.function("madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
    private static final MethodHandle MLOCK =
            Libc.function("mlock", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));

    private static final int NO_FILE = -1;

    private MemoryCalls() {}

    /** Maps anonymous private memory where the kernel likes. The address, or -errno. */
    public static long mapAnonymous(final long lengthBytes, final int protection, final int extraFlags) {
        final int flags = MAP_PRIVATE | MAP_ANONYMOUS | extraFlags;
        try (Arena arena = Arena.ofConfined()) {
            final ErrnoCapture errno = new ErrnoCapture(arena);
            // MAP_FAILED is (void *) -1, so that the same test serves.
            return errno.orErrno(
                    (long) MMAP.invokeExact(errno.segment(), 0L, lengthBytes, protection, flags, NO_FILE, 0L));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** 0, or -errno. Whatever still points into the range faults from now on. */
    public static int unmap(final long address, final long lengthBytes) {
        return rangeCall(MUNMAP, address, lengthBytes);
    }

    /** Keeps the range resident, as far as the memlock limit goes. 0, or -errno. */
    public static int lock(final long address, final long lengthBytes) {
        return rangeCall(MLOCK, address, lengthBytes);
    }

    /** 0, or -errno. */
    public static int advise(final long address, final long lengthBytes, final int advice) {
        try (Arena arena = Arena.ofConfined()) {
            final ErrnoCapture errno = new ErrnoCapture(arena);
            final int result = (int) MADVISE.invokeExact(errno.segment(), address, lengthBytes, advice);
            return (int) errno.orErrno(result);
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    private static int rangeCall(final MethodHandle handle, final long address, final long lengthBytes) {
        try (Arena arena = Arena.ofConfined()) {
            final ErrnoCapture errno = new ErrnoCapture(arena);
            final MemorySegment capture = errno.segment();
            final int result = (int) handle.invokeExact(capture, address, lengthBytes);
            return (int) errno.orErrno(result);
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }
}
