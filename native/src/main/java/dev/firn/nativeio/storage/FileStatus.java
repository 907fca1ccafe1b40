package dev.firn.nativeio.storage;

/**
 * What the file system says of a file, all of one instant.
 *
 * @param modifiedEpochNs when its content last changed, by the host's clock, as finely as the file system keeps it.
 * @param inode what tells it from every other file that exists at the same time.
 */
public record FileStatus(FileKind kind, long lengthBytes, long modifiedEpochNs, long inode) {}
