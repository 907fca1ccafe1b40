package dev.firn.s3tier.crt;

import dev.firn.s3tier.backend.AttemptRequest.GetRange;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Where an answer's body goes: into the caller's buffer, or into text of a bounded length. Filled by the connection's event
 * loop. Never takes more than there is room for.
 */
final class AnswerBody {
    /** A list of 1,000 keys, each of 1,024 bytes and percent-encoded, has less than 5 MiB. */
    static final int MAX_TEXT_BYTES = 8 << 20;

    private static final byte[] NO_TEXT = {};
    private static final int FIRST_TEXT_BYTES = 4 << 10;

    private final MemorySegment into;
    private byte[] text = NO_TEXT;
    private long length;
    private boolean overrun;

    private AnswerBody(final MemorySegment into) {
        this.into = into;
    }

    static AnswerBody into(final MemorySegment buffer) {
        return new AnswerBody(buffer);
    }

    static AnswerBody text() {
        return new AnswerBody(null);
    }

    /** Returns false when there is no room for all of it; none of it is taken then, nor of what follows. */
    boolean take(final MemorySegment bytes) {
        final long count = bytes.byteSize();
        final long room = into == null ? MAX_TEXT_BYTES : into.byteSize();
        if (overrun || count > room - length) {
            overrun = true;
            return false;
        }
        if (into != null) {
            MemorySegment.copy(bytes, 0, into, length, count);
        } else {
            final int end = (int) (length + count);
            if (end > text.length) {
                text = Arrays.copyOf(text, Math.max(end, Math.max(FIRST_TEXT_BYTES, 2 * text.length)));
            }
            MemorySegment.copy(bytes, 0, MemorySegment.ofArray(text), length, count);
        }
        length += count;
        return true;
    }

    long lengthBytes() {
        return length;
    }

    boolean hasOverrun() {
        return overrun;
    }

    byte[] textBytes() {
        return into == null ? Arrays.copyOf(text, (int) length) : NO_TEXT;
    }

    /**
     * What is wrong with a success that claims to be the range asked for, before its first byte is taken; null when nothing
     * is.
     */
    static String wrongRange(final GetRange get, final AnswerHead head) {
        final long room = get.into().byteSize();
        if (head.status() == 200) {
            if (get.offset() > 0 || head.contentLength() > room) {
                return "the store ignores the Range header and sends the whole object"
                        + (head.contentLength() < 0 ? "" : " of " + head.contentLength() + " bytes")
                        + "; Firn cannot use such a store";
            }
            return null;
        }
        final String told = head.header("Content-Range");
        final ContentRange range = head.status() == 206 ? ContentRange.parse(told) : null;
        if (range == null || range.first() < 0) {
            return "the store's answer " + head.status() + " has no Content-Range that makes sense: " + told;
        }
        final long expected = Math.min(room, range.totalBytes() - get.offset());
        if (range.first() != get.offset()
                || range.lengthBytes() != expected
                || (head.contentLength() >= 0 && head.contentLength() != expected)) {
            return "asked for " + room + " bytes from " + get.offset() + ", the store sends '" + told + "' in "
                    + head.contentLength() + " bytes";
        }
        return null;
    }
}
