/**
 * The object store in a local directory.
 *
 * <p>{@link dev.firn.s3tier.directory.DirectoryBackend} first; then {@code PublishTask}, where a write becomes
 * visible, {@code SyncRounds}, where it becomes durable, and {@code KeyPaths}, where keys become paths. {@link
 * dev.firn.s3tier.directory.LocalDirectory} opens one on this host. The promises and how each is kept: {@code
 * docs/decisions/2026-11-21-directory-store.md}.
 *
 * <p><b>Owner:</b> a task and all that it holds belongs to its {@code Worker}'s thread; the {@code Store} is shared
 * by all of them.
 *
 * <p><b>Invariants:</b> a file under a key's path is whole and synced, attribute and all, before it gets that name;
 * a write is answered as written only when its name is durable, all the way up, by a round of syncs
 * ({@code SyncRounds}) that began after it and in which none failed; rounds of a process do not overlap; an object that is there is replaced
 * or removed only under its key's lock; directories are removed, and made, only under the tree lock; a write that
 * failed leaves nothing but what the next opening sweeps. Files are touched through {@link
 * dev.firn.nativeio.storage.Storage} only, so that the simulated disk runs the very classes of production.
 */
package dev.firn.s3tier.directory;
