/**
 * Files of the host: {@link dev.firn.nativeio.file.HostStorage} is the {@link dev.firn.nativeio.storage.Storage} of
 * production, a directory of the file system; {@link dev.firn.nativeio.file.DirectFile} is a file in it, past the page cache
 * where the file system allows.
 *
 * <p>Thread-safe: a storage keeps no state but its root and its counts; a file may be attached to several rings, and closing
 * it while one still uses it is refused, because the kernel gives its descriptor to the next file opened.
 */
package dev.firn.nativeio.file;
