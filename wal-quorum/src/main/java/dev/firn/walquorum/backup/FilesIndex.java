package dev.firn.walquorum.backup;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.firn.nativeio.checksum.Crc32c;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * The format of {@code files.index}: a header, an entry for each file, directory and link in the order of the archives, a trailer.
 * Little-endian.
 *
 * <pre>
 *   header   magic "FIRNBIDX" · u32 version · u32 CRC-32C of the 12 bytes before
 *   entry    u32 length of what follows the CRC · u32 CRC-32C of that · u8 kind · u8 0 · u16 archive · u32 mode ·
 *            i64 modified (epoch seconds) · i64 offset · i64 length · u32 CRC-32C of the content · u16 and u16 lengths of path and
 *            link target · path · link target
 *   trailer  u32 FFFFFFFF · u32 CRC-32C of what follows · u64 entries · u64 bytes of content · u32 CRC-32C of all before the trailer
 * </pre>
 */
final class FilesIndex {
    static final int VERSION = 1;
    static final int HEADER_BYTES = 16;
    static final int TRAILER_BYTES = 28;

    /** Longest entry: two paths. */
    static final int MAX_ENTRY_BYTES = 48 + 2 * TarReader.MAX_PATH_BYTES;

    private static final int TRAILER = 0xFFFF_FFFF;
    private static final int FIXED_BYTES = 40;
    private static final long MAGIC = 0x5844_4942_4E52_4946L;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private FilesIndex() {}

    /** Encodes an index piece by piece. */
    static final class Encoder {
        private final byte[] piece = new byte[MAX_ENTRY_BYTES];
        private final MemorySegment segment = MemorySegment.ofArray(piece);
        private long entries;
        private long contentBytes;
        private int crc;

        /** The first piece. It and the next ones are good until the next call. */
        MemorySegment header() {
            segment.set(LONG, 0, MAGIC);
            segment.set(INT, 8, VERSION);
            segment.set(INT, 12, Crc32c.compute(piece, 0, 12));
            return counted(HEADER_BYTES);
        }

        MemorySegment entry(final BackupFile file) {
            final byte[] path = file.path().getBytes(StandardCharsets.UTF_8);
            final byte[] link = file.linkTarget().getBytes(StandardCharsets.UTF_8);
            if (path.length > TarReader.MAX_PATH_BYTES || link.length > TarReader.MAX_PATH_BYTES) {
                throw new BackupException("the path " + file.path() + " is longer than " + TarReader.MAX_PATH_BYTES
                        + " bytes, or what it leads to is");
            }
            final int length = FIXED_BYTES + path.length + link.length;
            segment.set(INT, 0, length);
            segment.set(JAVA_BYTE, 8, (byte) file.kind().number());
            segment.set(JAVA_BYTE, 9, (byte) 0);
            segment.set(SHORT, 10, (short) file.archive());
            segment.set(INT, 12, file.mode());
            segment.set(LONG, 16, file.modifiedEpochSeconds());
            segment.set(LONG, 24, file.offset());
            segment.set(LONG, 32, file.lengthBytes());
            segment.set(INT, 40, file.crc());
            segment.set(SHORT, 44, (short) path.length);
            segment.set(SHORT, 46, (short) link.length);
            System.arraycopy(path, 0, piece, 48, path.length);
            System.arraycopy(link, 0, piece, 48 + path.length, link.length);
            segment.set(INT, 4, Crc32c.compute(piece, 8, length));
            entries++;
            contentBytes += file.lengthBytes();
            return counted(8 + length);
        }

        MemorySegment trailer() {
            segment.set(INT, 0, TRAILER);
            segment.set(LONG, 8, entries);
            segment.set(LONG, 16, contentBytes);
            segment.set(INT, 24, crc);
            segment.set(INT, 4, Crc32c.compute(piece, 8, TRAILER_BYTES - 8));
            crc = Crc32c.update(crc, piece, 0, TRAILER_BYTES);
            return segment.asSlice(0, TRAILER_BYTES);
        }

        private MemorySegment counted(final int bytes) {
            crc = Crc32c.update(crc, piece, 0, bytes);
            return segment.asSlice(0, bytes);
        }

        long entries() {
            return entries;
        }

        long contentBytes() {
            return contentBytes;
        }

        /** CRC-32C of all pieces so far. */
        int crc() {
            return crc;
        }
    }

    /**
     * Reads a whole index.
     *
     * @param what how it is called in errors.
     * @param archives how many archives there are.
     * @throws BackupException in one sentence, when it is damaged or of a future version.
     */
    static void read(
            final String what, final MemorySegment bytes, final int archives, final Consumer<BackupFile> files) {
        if (bytes.byteSize() < HEADER_BYTES + TRAILER_BYTES
                || bytes.get(LONG, 0) != MAGIC
                || Crc32c.compute(bytes, 0, 12) != bytes.get(INT, 12)) {
            throw new BackupException(what + " is damaged: it does not begin as an index of files");
        }
        final int version = bytes.get(INT, 8);
        if (version != VERSION) {
            throw new BackupException(what + " is of version " + Integer.toUnsignedString(version)
                    + "; this Firn reads up to " + VERSION + ": take a newer one");
        }
        final long end = bytes.byteSize() - TRAILER_BYTES;
        long at = HEADER_BYTES;
        long entries = 0;
        long contentBytes = 0;
        while (at < end) {
            final long length = Integer.toUnsignedLong(bytes.get(INT, at));
            if (length < FIXED_BYTES || length > MAX_ENTRY_BYTES - 8 || at + 8 + length > end) {
                throw damaged(what, at);
            }
            if (Crc32c.compute(bytes, at + 8, length) != bytes.get(INT, at + 4)) {
                throw damaged(what, at);
            }
            final BackupFile file = entry(what, bytes, at, length, archives);
            entries++;
            contentBytes += file.lengthBytes();
            files.accept(file);
            at += 8 + length;
        }
        if (bytes.get(INT, end) != TRAILER
                || Crc32c.compute(bytes, end + 8, TRAILER_BYTES - 8) != bytes.get(INT, end + 4)
                || bytes.get(LONG, end + 8) != entries
                || bytes.get(LONG, end + 16) != contentBytes
                || bytes.get(INT, end + 24) != Crc32c.compute(bytes, 0, end)) {
            throw damaged(what, end);
        }
    }

    private static BackupFile entry(
            final String what, final MemorySegment bytes, final long at, final long length, final int archives) {
        final FileKind kind = FileKind.of(bytes.get(JAVA_BYTE, at + 8));
        final int archive = Short.toUnsignedInt(bytes.get(SHORT, at + 10));
        final int pathBytes = Short.toUnsignedInt(bytes.get(SHORT, at + 44));
        final int linkBytes = Short.toUnsignedInt(bytes.get(SHORT, at + 46));
        final long offset = bytes.get(LONG, at + 24);
        final long size = bytes.get(LONG, at + 32);
        if (kind == null
                || archive >= archives
                || FIXED_BYTES + pathBytes + linkBytes != length
                || offset < 0
                || size < 0) {
            throw damaged(what, at);
        }
        return new BackupFile(
                archive,
                kind,
                text(what, bytes, at, at + 48, pathBytes),
                text(what, bytes, at, at + 48 + pathBytes, linkBytes),
                bytes.get(INT, at + 12),
                bytes.get(LONG, at + 16),
                offset,
                size,
                bytes.get(INT, at + 40));
    }

    private static String text(
            final String what, final MemorySegment bytes, final long entryAt, final long at, final int length) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.asSlice(at, length).toArray(JAVA_BYTE)))
                    .toString();
        } catch (final CharacterCodingException e) {
            throw new BackupException(damaged(what, entryAt).getMessage(), e);
        }
    }

    private static BackupException damaged(final String what, final long at) {
        return new BackupException(what + " is damaged at byte " + at);
    }
}
