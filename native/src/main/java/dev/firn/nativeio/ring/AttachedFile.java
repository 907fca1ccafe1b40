package dev.firn.nativeio.ring;

import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.StorageFile;

/** A file as one ring knows it. */
public final class AttachedFile implements RingFile {
    /** The value of {@link #slot()} when the file is used by its descriptor. */
    public static final int NO_SLOT = -1;

    private final DescriptorFile file;
    private final Object ring;
    private final int slot;
    int inFlight;
    private boolean detached;

    private AttachedFile(final DescriptorFile file, final Object ring, final int slot) {
        this.file = file;
        this.ring = ring;
        this.slot = slot;
    }

    /**
     * @param ring the ring, for which alone the result is good.
     * @param slot where the ring has registered the descriptor, or {@link #NO_SLOT}.
     */
    public static AttachedFile attach(final StorageFile file, final Object ring, final int slot) {
        final DescriptorFile withDescriptor = withDescriptor(file);
        withDescriptor.retainForRing();
        return new AttachedFile(withDescriptor, ring, slot);
    }

    /** The file as one with a descriptor; throws for files of another storage (the simulated one). */
    public static DescriptorFile withDescriptor(final StorageFile file) {
        if (file instanceof DescriptorFile descriptorFile) {
            return descriptorFile;
        }
        throw new IllegalArgumentException(
                file.name() + " belongs to another storage than this ring: " + file.getClass());
    }

    /** The file behind a handle; throws when the handle is another ring's, or detached. */
    public static AttachedFile of(final RingFile handle, final Object ring) {
        if (handle instanceof AttachedFile attached && attached.ring == ring && !attached.detached) {
            return attached;
        }
        throw new IllegalStateException(handle.name() + " is not attached to this ring");
    }

    /** Lets the file go; throws while operations on it are in flight. */
    public void detach() {
        if (inFlight > 0) {
            throw new IllegalStateException(
                    name() + " has " + inFlight + " operations in flight: poll them before it is detached");
        }
        release();
    }

    /** Lets the file go when the ring is closed and nothing can be in flight any more. */
    public void release() {
        if (!detached) {
            detached = true;
            file.releaseFromRing();
        }
    }

    public int descriptor() {
        return file.descriptor();
    }

    public int slot() {
        return slot;
    }

    @Override
    public String name() {
        return file.name();
    }
}
