package dev.firn.nativeio.ring;

import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.StorageFile;

/** The files attached to one ring, at most so many, each in a slot that the back end may register. */
public final class AttachedFiles {
    /** Makes a back end's registered files follow the slots. */
    public interface SlotRegistrar {
        /** Whether the slot stands for the descriptor from now on; false when it has to be used by its number. */
        boolean register(int slot, int descriptor);

        void unregister(int slot);
    }

    /** For back ends without registered files. */
    public static final SlotRegistrar UNREGISTERED = new SlotRegistrar() {
        @Override
        public boolean register(final int slot, final int descriptor) {
            return false;
        }

        @Override
        public void unregister(final int slot) {}
    };

    private final Ring ring;
    private final SlotRegistrar registrar;
    private final AttachedFile[] files;

    /**
     * @param ring whose files these are.
     */
    public AttachedFiles(final Ring ring, final int maxFiles, final SlotRegistrar registrar) {
        this.ring = ring;
        this.registrar = registrar;
        this.files = new AttachedFile[maxFiles];
    }

    public AttachedFile attach(final StorageFile file) {
        for (int slot = 0; slot < files.length; slot++) {
            if (files[slot] == null) {
                final int descriptor = AttachedFile.withDescriptor(file).descriptor();
                final boolean registered = registrar.register(slot, descriptor);
                files[slot] = AttachedFile.attach(file, ring, registered ? slot : AttachedFile.NO_SLOT);
                return files[slot];
            }
        }
        throw new IllegalStateException("this ring has its " + files.length
                + " files attached (RingConfig.maxFiles); detach one before " + file.name());
    }

    public void detach(final RingFile handle) {
        final AttachedFile file = AttachedFile.of(handle, ring);
        file.detach();
        for (int slot = 0; slot < files.length; slot++) {
            if (file.equals(files[slot])) {
                files[slot] = null;
                if (file.slot() != AttachedFile.NO_SLOT) {
                    registrar.unregister(slot);
                }
            }
        }
    }

    /** Lets all files go: the ring is closed and nothing is in flight. */
    public void releaseAll() {
        for (int slot = 0; slot < files.length; slot++) {
            if (files[slot] != null) {
                files[slot].release();
                files[slot] = null;
            }
        }
    }
}
