package dev.firn.nativeio.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/** Where a native call leaves errno. One for each thread that makes calls often; never shared between threads. */
public final class ErrnoCapture {
    static final Linker.Option OPTION = Linker.Option.captureCallState("errno");

    private static final StructLayout LAYOUT = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = LAYOUT.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private final MemorySegment segment;

    /**
     * @param arena owns the few bytes; outlives every call made with this capture.
     */
    public ErrnoCapture(final Arena arena) {
        this.segment = arena.allocate(LAYOUT);
    }

    MemorySegment segment() {
        return segment;
    }

    /** The result itself when it is not -1, else the negative errno. */
    long orErrno(final long result) {
        return result == -1 ? -(int) ERRNO.get(segment, 0L) : result;
    }
}
