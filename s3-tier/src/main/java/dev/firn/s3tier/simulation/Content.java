package dev.firn.s3tier.simulation;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** The bytes of an object, in the pieces that they came in; nobody writes to them any more. */
final class Content {
    private final List<byte[]> pieces;
    private final long lengthBytes;

    Content(final List<byte[]> pieces) {
        this.pieces = List.copyOf(pieces);
        this.lengthBytes = pieces.stream().mapToLong(piece -> piece.length).sum();
    }

    long lengthBytes() {
        return lengthBytes;
    }

    /** Copies {@code count} bytes from {@code offset} on to the beginning of the target. */
    void copyTo(final long offset, final MemorySegment target, final long count) {
        long skip = offset;
        long done = 0;
        for (final byte[] piece : pieces) {
            if (skip >= piece.length) {
                skip -= piece.length;
                continue;
            }
            final int moved = (int) Math.min(piece.length - skip, count - done);
            MemorySegment.copy(piece, (int) skip, target, ValueLayout.JAVA_BYTE, done, moved);
            done += moved;
            skip = 0;
            if (done == count) {
                return;
            }
        }
    }

    byte[] bytes() {
        final byte[] all = new byte[Math.toIntExact(lengthBytes)];
        copyTo(0, MemorySegment.ofArray(all), all.length);
        return all;
    }

    /** As S3 does it: the name is a hash of the content, so equal contents have equal names. */
    static String etagOf(final byte[] bytes) {
        return quoted(md5().digest(bytes), "");
    }

    /** As S3 does it: a hash of the parts' hashes, and their number. */
    static String etagOfParts(final List<String> partEtags) {
        final MessageDigest digest = md5();
        for (final String etag : partEtags) {
            digest.update(HexFormat.of().parseHex(etag, 1, etag.length() - 1));
        }
        return quoted(digest.digest(), "-" + partEtags.size());
    }

    private static String quoted(final byte[] hash, final String suffix) {
        return '"' + HexFormat.of().formatHex(hash) + suffix + '"';
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }
}
