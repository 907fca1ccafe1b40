package dev.firn.nativeio.storage;

/**
 * A {@link StorageFile} as one {@link Ring} knows it: got from {@link Ring#attach}, good for that ring only, until
 * {@link Ring#detach}.
 */
public interface RingFile {
    /** The file's name within its storage, for messages. */
    String name();
}
