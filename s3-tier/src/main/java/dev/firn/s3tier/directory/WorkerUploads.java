package dev.firn.s3tier.directory;

import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.storage.StorageFile;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.Missing;
import dev.firn.s3tier.backend.AttemptResult.Upload;
import dev.firn.s3tier.backend.AttemptResult.UploadAborted;
import dev.firn.s3tier.backend.AttemptResult.UploadCreated;
import dev.firn.s3tier.backend.AttemptResult.UploadsListed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The uploads of one worker, and what everybody may do to everybody's: list and abort them. Owned by the worker's
 * thread.
 */
final class WorkerUploads {
    /** Most uploads that a worker keeps open. */
    static final int MAX_OPEN = 256;

    /**
     * An upload whose file has got the object's attribute is about to be completed; when it is still there a day
     * later, nobody does.
     */
    static final long UNFINISHED_COMPLETION_MS = 86_400_000L;

    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");
    private static final long NANOS_A_MILLISECOND = 1_000_000L;

    private final Worker worker;
    private final Map<String, OpenUpload> open = new HashMap<>();

    WorkerUploads(final Worker worker) {
        this.worker = worker;
    }

    /** Which worker an upload belongs to, of so many; any when it is nothing that {@link #create} names. */
    static int workerOf(final String uploadId, final int workers) {
        return ID.matcher(uploadId).matches() ? Integer.parseInt(uploadId.substring(30), 16) % workers : 0;
    }

    AttemptResult create(final String key) {
        if (open.size() >= MAX_OPEN || !worker.mayAttach()) {
            return Failures.overloaded(open.size() + " uploads are open: complete or abort some of them first");
        }
        final HexFormat hex = HexFormat.of();
        final String id = hex.toHexDigits(worker.random().nextLong())
                + hex.toHexDigits(worker.random().nextLong()).substring(2)
                + String.format(Locale.ROOT, "%02x", worker.index());
        final Store store = worker.store();
        final String temporary = store.folder().newFile();
        final StorageFile file = store.storage().create(temporary, Access.BUFFERED);
        try {
            final UploadAttribute attribute =
                    new UploadAttribute(key, store.clock().epochNs() / NANOS_A_MILLISECOND);
            file.setAttribute(StoreLayout.ATTRIBUTE, attribute.encode());
            store.storage().rename(temporary, StoreLayout.uploadPath(id));
        } catch (final StorageException e) {
            file.close();
            worker.deleteQuietly(temporary);
            throw e;
        }
        open.put(id, new OpenUpload(id, key, file, worker.attach(file)));
        return new UploadCreated(id);
    }

    /** Null when this worker has no such upload. */
    OpenUpload find(final String id, final String key) {
        final OpenUpload upload = open.get(id);
        return upload == null || !upload.key().equals(key) ? null : upload;
    }

    AttemptResult missing(final String id) {
        return worker.store().isThere()
                ? new Missing("there is no upload " + id
                        + " in this process: it was completed or aborted, or another began it")
                : Failures.placeGone(worker.store().place());
    }

    AttemptResult abort(final String id) {
        if (!ID.matcher(id).matches()) {
            return missing(id);
        }
        final OpenUpload upload = open.get(id);
        if (upload != null) {
            forget(upload);
            if (upload.unused()) {
                close(upload);
            }
        }
        try {
            worker.store().storage().delete(StoreLayout.uploadPath(id));
            return new UploadAborted();
        } catch (final StorageException e) {
            if (e.errno() == Errno.ENOENT) {
                return missing(id);
            }
            throw e;
        }
    }

    /** In the order of their ids; the token is the last one of the page before. */
    AttemptResult list(final String prefix, final String token, final int maxUploads) {
        final List<Upload> found = new ArrayList<>();
        String last = null;
        for (final String id : worker.store().storage().list(StoreLayout.UPLOADS)) {
            if (token != null && id.compareTo(token) <= 0) {
                continue;
            }
            final Upload upload = uploadAt(worker.store().storage(), id);
            if (upload != null && upload.key().startsWith(prefix)) {
                if (found.size() == maxUploads) {
                    return new UploadsListed(List.copyOf(found), last);
                }
                found.add(upload);
                last = id;
            }
        }
        return new UploadsListed(List.copyOf(found), null);
    }

    private static Upload uploadAt(final Storage storage, final String id) {
        final byte[] bytes = attributeOf(storage, id);
        final UploadAttribute attribute = bytes == null ? null : UploadAttribute.decode(bytes);
        return attribute == null ? null : new Upload(attribute.key(), id, attribute.startedEpochMs());
    }

    private static byte[] attributeOf(final Storage storage, final String id) {
        try {
            return storage.attribute(StoreLayout.uploadPath(id), StoreLayout.ATTRIBUTE);
        } catch (final StorageException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        }
    }

    /**
     * Removes what no list shows and nobody completes: files whose attribute a loss of power has taken, and
     * completions that ended halfway. The caller holds the members lock.
     */
    static int sweep(final Storage storage, final long nowEpochMs) {
        int removed = 0;
        for (final String id : storage.list(StoreLayout.UPLOADS)) {
            final byte[] bytes = attributeOf(storage, id);
            final ObjectAttribute object = bytes == null ? null : ObjectAttribute.decode(bytes);
            final boolean completing =
                    object != null && nowEpochMs - object.writtenEpochMs() < UNFINISHED_COMPLETION_MS;
            final boolean listed = bytes != null && UploadAttribute.decode(bytes) != null;
            if (!completing && !listed && storage.exists(StoreLayout.uploadPath(id)) && removed(storage, id)) {
                removed++;
            }
        }
        return removed;
    }

    private static boolean removed(final Storage storage, final String id) {
        try {
            storage.delete(StoreLayout.uploadPath(id));
            return true;
        } catch (final StorageException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    /** It is an object now, or gone: nobody finds it any more. Whoever uses its file may go on. */
    void forget(final OpenUpload upload) {
        open.remove(upload.id());
        upload.end();
    }

    /** Its bytes are not to be trusted any more. */
    void abandon(final OpenUpload upload) {
        forget(upload);
        worker.deleteQuietly(StoreLayout.uploadPath(upload.id()));
    }

    void leave(final OpenUpload upload) {
        if (upload.leave()) {
            close(upload);
        }
    }

    /** With nothing in flight. What is not completed stays as a leftover, to be listed and aborted. */
    void closeAll() {
        open.values().forEach(this::close);
        open.clear();
    }

    private void close(final OpenUpload upload) {
        worker.detach(upload.attached());
        upload.file().close();
    }
}
