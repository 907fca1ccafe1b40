package dev.firn.nativeio.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.firn.nativeio.liburing.LibUring;
import dev.firn.nativeio.ring.AttachedFiles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The ring's table of registered files: an operation on one of them needs no look-up and no reference of its own. */
final class RegisteredFiles implements AttachedFiles.SlotRegistrar {
    private static final int EMPTY = -1;

    private final MemorySegment ring;
    private final MemorySegment one;
    private final boolean granted;

    RegisteredFiles(final MemorySegment ring, final int maxFiles, final Arena arena) {
        this.ring = ring;
        this.one = arena.allocate(JAVA_INT);
        this.granted = LibUring.io_uring_register_files_sparse(ring, maxFiles) == 0;
    }

    /** Whether the kernel gave a table at all. */
    boolean granted() {
        return granted;
    }

    @Override
    public boolean register(final int slot, final int descriptor) {
        return granted && update(slot, descriptor);
    }

    @Override
    public void unregister(final int slot) {
        update(slot, EMPTY);
    }

    private boolean update(final int slot, final int descriptor) {
        one.set(JAVA_INT, 0, descriptor);
        return LibUring.io_uring_register_files_update(ring, slot, one, 1) == 1;
    }

    void unregisterAll() {
        if (granted) {
            LibUring.io_uring_unregister_files(ring);
        }
    }
}
