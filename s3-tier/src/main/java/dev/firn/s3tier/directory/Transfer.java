package dev.firn.s3tier.directory;

import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingFile;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Moves borrowed segments, one after the other, from or to a range of a file: piece by piece, several on their way
 * at once; what a short read or write leaves is asked for again.
 *
 * <p>Owned by its task.
 */
final class Transfer {
    private final boolean writing;
    private final List<MemorySegment> segments;
    private final long fileOffset;
    private final int pieceBytes;
    private final MemorySegment[] pieces;
    private final long[] pieceOffsets;
    private final boolean[] queued;
    private final long totalBytes;
    private int segment;
    private long segmentOffset;
    private long begun;
    private long moved;
    private int inFlight;
    private int errno;
    private boolean endOfFile;

    Transfer(
            final boolean writing,
            final List<MemorySegment> segments,
            final long fileOffset,
            final DirectoryConfig config) {
        this.writing = writing;
        this.segments = segments;
        this.fileOffset = fileOffset;
        this.pieceBytes = config.transferBytes();
        this.pieces = new MemorySegment[config.transfersInFlight()];
        this.pieceOffsets = new long[pieces.length];
        this.queued = new boolean[pieces.length];
        this.totalBytes = segments.stream().mapToLong(MemorySegment::byteSize).sum();
    }

    long totalBytes() {
        return totalBytes;
    }

    /** All is moved, or nothing more will be. */
    boolean ended() {
        return inFlight == 0 && (moved == totalBytes || errno != 0 || endOfFile);
    }

    /** 0 when nothing has failed. */
    int errno() {
        return errno;
    }

    /** Whether the file ended before the last byte to read. */
    boolean endOfFile() {
        return endOfFile;
    }

    /**
     * Queues as much as there is room for; piece {@code i} is operation {@code i} of the task.
     *
     * @return how many operations were queued; fewer than wanted when the ring is full: {@link #wantsRoom}.
     */
    int queue(final Worker worker, final Task task, final RingFile file) {
        if (errno != 0 || endOfFile) {
            return 0;
        }
        int count = 0;
        for (int i = 0; i < pieces.length; i++) {
            if (queued[i] || (pieces[i] == null && !takeNext(i))) {
                continue;
            }
            if (!submit(worker.ring(), file, i, worker.token(task, i))) {
                break;
            }
            queued[i] = true;
            inFlight++;
            count++;
        }
        return count;
    }

    /** Whether there is something to queue. */
    boolean wantsRoom() {
        if (errno != 0 || endOfFile) {
            return false;
        }
        boolean free = false;
        for (int i = 0; i < pieces.length; i++) {
            if (pieces[i] != null && !queued[i]) {
                return true;
            }
            free |= pieces[i] == null;
        }
        return free && begun < totalBytes;
    }

    /** @param result bytes, or the negative errno. */
    void onCompletion(final int piece, final int result) {
        inFlight--;
        queued[piece] = false;
        final MemorySegment asked = pieces[piece];
        if (result < 0) {
            errno = -result;
        } else if (result == 0) {
            endOfFile = !writing;
            errno = writing ? Errno.ENOSPC : errno;
        } else {
            moved += result;
            if (result < asked.byteSize()) {
                pieces[piece] = asked.asSlice(result);
                pieceOffsets[piece] += result;
                return;
            }
        }
        pieces[piece] = null;
    }

    private boolean submit(final Ring ring, final RingFile file, final int piece, final long token) {
        return writing
                ? ring.write(file, pieceOffsets[piece], pieces[piece], token, 0)
                : ring.read(file, pieceOffsets[piece], pieces[piece], token, 0);
    }

    private boolean takeNext(final int piece) {
        while (segment < segments.size()
                && segmentOffset == segments.get(segment).byteSize()) {
            segment++;
            segmentOffset = 0;
        }
        if (segment == segments.size()) {
            return false;
        }
        final MemorySegment from = segments.get(segment);
        final long count = Math.min(pieceBytes, from.byteSize() - segmentOffset);
        pieces[piece] = from.asSlice(segmentOffset, count);
        pieceOffsets[piece] = fileOffset + begun;
        segmentOffset += count;
        begun += count;
        return true;
    }
}
