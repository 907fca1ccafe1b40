package dev.firn.s3tier.directory;

import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.StorageFile;
import dev.firn.s3tier.backend.AttemptRequest.Part;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An upload that this process has begun: one file, into which each part is written where it belongs. Belongs to one
 * worker, which the id names; the parts' places and checksums are known to it only, so that no other process can
 * complete the upload.
 */
final class OpenUpload {
    /** A part that has been written. */
    record Written(String etag, long offset, long lengthBytes, int crc32c) {}

    private final String id;
    private final String key;
    private final StorageFile file;
    private final RingFile attached;
    private final Map<Integer, Written> parts = new HashMap<>();
    private int users;
    private boolean ended;

    OpenUpload(final String id, final String key, final StorageFile file, final RingFile attached) {
        this.id = id;
        this.key = key;
        this.file = file;
        this.attached = attached;
    }

    String id() {
        return id;
    }

    String key() {
        return key;
    }

    StorageFile file() {
        return file;
    }

    RingFile attached() {
        return attached;
    }

    void written(final int partNumber, final Written part) {
        parts.put(partNumber, part);
    }

    /** Why these parts do not make the object; null when they do. */
    String mismatch(final List<Part> asked) {
        long offset = 0;
        int last = 0;
        for (final Part part : asked) {
            final Written written = parts.get(part.partNumber());
            if (part.partNumber() <= last) {
                return "part " + part.partNumber() + " comes after part " + last;
            } else if (written == null) {
                return "part " + part.partNumber() + " was never written";
            } else if (!written.etag().equals(part.etag())
                    || written.lengthBytes() != part.lengthBytes()
                    || written.crc32c() != part.crc32c()) {
                return "part " + part.partNumber() + " is not the one that was written last";
            } else if (written.offset() != offset) {
                return "part " + part.partNumber() + " was written at " + written.offset() + ", and belongs to "
                        + offset;
            }
            offset += part.lengthBytes();
            last = part.partNumber();
        }
        return null;
    }

    /** Somebody uses the file until {@link #leave}. */
    void join() {
        users++;
    }

    /** Completed or aborted: closed when the last user has left. */
    void end() {
        ended = true;
    }

    boolean ended() {
        return ended;
    }

    /** Whether the file can be closed. */
    boolean leave() {
        users--;
        return ended && users == 0;
    }

    boolean unused() {
        return users == 0;
    }
}
