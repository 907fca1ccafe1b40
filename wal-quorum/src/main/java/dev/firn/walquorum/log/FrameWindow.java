package dev.firn.walquorum.log;

import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.MemorySegment;

/** Looks at a segment through a window that moves with what is looked at. Blocks: for recovery. */
final class FrameWindow {
    final MemorySegment bytes;
    private StorageFile file;
    private long begin;
    private long length;

    /** @param bytes at least as long as a frame; borrowed. */
    FrameWindow(final MemorySegment bytes) {
        this.bytes = bytes;
    }

    void open(final StorageFile opened) {
        file = opened;
        begin = 0;
        length = 0;
    }

    String name() {
        return file.name();
    }

    /** Moves so that it shows this part of the file; false when the file ends before. */
    boolean shows(final long offset, final long lengthBytes) {
        if (offset >= begin && offset + lengthBytes <= begin + length) {
            return true;
        }
        begin = offset;
        length = file.read(offset, bytes);
        return lengthBytes <= length;
    }

    /** Where in the window's bytes a place of the file stands. */
    long at(final long offset) {
        return offset - begin;
    }
}
