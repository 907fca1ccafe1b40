package dev.firn.nativeio.storage;

/** A held lock on a directory: see {@link Storage#lock}. */
public interface DirectoryLock extends AutoCloseable {
    @Override
    void close();
}
