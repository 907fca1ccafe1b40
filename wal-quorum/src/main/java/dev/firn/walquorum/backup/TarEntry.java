package dev.firn.walquorum.backup;

/**
 * One member of a tar archive.
 *
 * @param path relative, without a slash at its end.
 * @param linkTarget empty but for a link.
 * @param mode the permission bits.
 * @param modifiedEpochSeconds when it was last changed.
 * @param offset where its content begins in the archive.
 * @param lengthBytes of its content; 0 but for a file.
 */
record TarEntry(
        FileKind kind,
        String path,
        String linkTarget,
        int mode,
        long modifiedEpochSeconds,
        long offset,
        long lengthBytes) {}
