package dev.firn.nativeio.storage;

/** How a file is opened. */
public enum Access {
    /** Through the page cache. */
    BUFFERED,
    /** Past the page cache (O_DIRECT); falls back to {@link #BUFFERED} visibly where the file system refuses. */
    DIRECT
}
