package dev.firn.s3tier.crt;

import dev.firn.nativeio.checksum.Crc32c;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import software.amazon.awssdk.crt.checksums.CRC64NVME;
import software.amazon.awssdk.crt.http.HttpHeader;

/** Checksums as S3 spells them: Base64 of the big-endian value (S3 User Guide, "Checking object integrity"). */
final class BodyChecksums {
    static final String CRC32C_HEADER = "x-amz-checksum-crc32c";
    static final String CRC64NVME_HEADER = "x-amz-checksum-crc64nvme";
    static final String MD5_HEADER = "Content-MD5";

    private static final int CHUNK_BYTES = 64 * 1024;

    private BodyChecksums() {}

    /** The header that makes the store check the body, or null. */
    static HttpHeader headerFor(final BodyChecksum algorithm, final List<MemorySegment> body, final int crc32c) {
        return switch (algorithm) {
            case CRC32C -> new HttpHeader(CRC32C_HEADER, encodeCrc32c(crc32c));
            case CRC64NVME -> new HttpHeader(CRC64NVME_HEADER, encodeCrc64(crc64(body)));
            case MD5 -> new HttpHeader(MD5_HEADER, md5(body));
            case NONE -> null;
        };
    }

    /**
     * What is wrong with the bytes of a whole object, by the checksum that the store keeps with it; null when nothing is, or
     * when it keeps none over the whole object.
     */
    static String mismatch(final AnswerHead head, final MemorySegment object) {
        if ("COMPOSITE".equals(head.header("x-amz-checksum-type"))) {
            return null;
        }
        final String expected32 = head.header(CRC32C_HEADER);
        if (isWhole(expected32)) {
            final String found = encodeCrc32c(Crc32c.compute(object));
            return found.equals(expected32) ? null : "CRC32C is " + found + ", the store has " + expected32;
        }
        final String expected64 = head.header(CRC64NVME_HEADER);
        if (isWhole(expected64)) {
            final String found = encodeCrc64(crc64(List.of(object)));
            return found.equals(expected64) ? null : "CRC64NVME is " + found + ", the store has " + expected64;
        }
        return null;
    }

    static String encodeCrc32c(final int crc) {
        return Base64.getEncoder()
                .encodeToString(ByteBuffer.allocate(Integer.BYTES).putInt(crc).array());
    }

    static String md5(final List<MemorySegment> body) {
        final MessageDigest digest = digest("MD5");
        body.forEach(segment -> forEachBuffer(segment, digest::update));
        return Base64.getEncoder().encodeToString(digest.digest());
    }

    static String sha256Hex(final byte[] body) {
        return HexFormat.of().formatHex(digest("SHA-256").digest(body));
    }

    private static String encodeCrc64(final long crc) {
        return Base64.getEncoder()
                .encodeToString(ByteBuffer.allocate(Long.BYTES).putLong(crc).array());
    }

    /** The CRT computes over arrays only: chunks that stay in the processor's cache. */
    private static long crc64(final List<MemorySegment> body) {
        final CRC64NVME crc = new CRC64NVME();
        final byte[] chunk = new byte[CHUNK_BYTES];
        for (final MemorySegment segment : body) {
            for (long at = 0; at < segment.byteSize(); at += CHUNK_BYTES) {
                final int length = (int) Math.min(CHUNK_BYTES, segment.byteSize() - at);
                MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, at, chunk, 0, length);
                crc.update(chunk, 0, length);
            }
        }
        return crc.getValue();
    }

    private static void forEachBuffer(final MemorySegment segment, final java.util.function.Consumer<ByteBuffer> use) {
        for (long at = 0; at < segment.byteSize(); at += Integer.MAX_VALUE) {
            use.accept(segment.asSlice(at, Math.min(Integer.MAX_VALUE, segment.byteSize() - at))
                    .asByteBuffer());
        }
    }

    /** A composite checksum has the number of parts behind it: it is one of the parts' checksums, not of the bytes. */
    private static boolean isWhole(final String checksum) {
        return checksum != null && checksum.indexOf('-') < 0;
    }

    private static MessageDigest digest(final String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no " + algorithm, e);
        }
    }
}
