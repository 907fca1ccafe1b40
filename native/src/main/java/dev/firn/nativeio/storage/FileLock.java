package dev.firn.nativeio.storage;

/** A held lock: see {@link Storage#tryLock}. */
public interface FileLock extends AutoCloseable {
    @Override
    void close();
}
