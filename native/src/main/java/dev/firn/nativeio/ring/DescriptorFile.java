package dev.firn.nativeio.ring;

import dev.firn.nativeio.storage.StorageFile;

/** A storage file that the kernel knows by a descriptor: what {@link dev.firn.nativeio.storage.Ring#attach} takes. */
public interface DescriptorFile extends StorageFile {
    int descriptor();

    /** A ring uses the descriptor from now on: the file must not be closed before {@link #releaseFromRing}. */
    void retainForRing();

    void releaseFromRing();
}
