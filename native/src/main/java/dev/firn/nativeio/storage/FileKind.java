package dev.firn.nativeio.storage;

/** What a name in a directory leads to; a symbolic link is what it points at. */
public enum FileKind {
    FILE,
    DIRECTORY,
    /** A device, a pipe, a socket, or a link that leads nowhere: never opened. */
    OTHER
}
