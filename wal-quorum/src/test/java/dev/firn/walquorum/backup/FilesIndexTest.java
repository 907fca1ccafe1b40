package dev.firn.walquorum.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class FilesIndexTest {
    private static final List<BackupFile> FILES = List.of(
            new BackupFile(0, FileKind.DIRECTORY, "PG_17/é", "", 0700, -5, 512, 0, 0),
            new BackupFile(1, FileKind.FILE, "base/5/16384", "", 0600, 1_700_000_000L, 1L << 40, 1L << 33, -77),
            new BackupFile(1, FileKind.LINK, "pg_tblspc/1", "/srv/x", 0777, 0, 7, 0, 0),
            new BackupFile(1, FileKind.FILE, "p".repeat(TarReader.MAX_PATH_BYTES), "", 0600, 0, 0, 0, 5));

    private static byte[] encode(final List<BackupFile> files) {
        final FilesIndex.Encoder encoder = new FilesIndex.Encoder();
        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(encoder.header().toArray(ValueLayout.JAVA_BYTE));
        for (final BackupFile file : files) {
            all.writeBytes(encoder.entry(file).toArray(ValueLayout.JAVA_BYTE));
        }
        all.writeBytes(encoder.trailer().toArray(ValueLayout.JAVA_BYTE));
        return all.toByteArray();
    }

    private static List<BackupFile> decode(final byte[] bytes) {
        final List<BackupFile> files = new ArrayList<>();
        FilesIndex.read("files.index", MemorySegment.ofArray(bytes), 2, files::add);
        return files;
    }

    @Test
    void shouldReadWhatItWrote() {
        assertThat(decode(encode(FILES))).isEqualTo(FILES);
        assertThat(decode(encode(List.of()))).isEmpty();
    }

    @Test
    void shouldSeeEveryFlippedBitAndEveryCut() {
        final byte[] bytes = encode(FILES.subList(0, 3));
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            final byte[] flipped = bytes.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> decode(flipped)).isInstanceOf(BackupException.class);
        }
        for (int length = 0; length < bytes.length; length++) {
            final byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> decode(cut)).isInstanceOf(BackupException.class);
        }
    }

    @Test
    void shouldRefuseAFutureVersion() {
        final byte[] bytes = encode(FILES);
        bytes[8] = 2;
        final int crc = dev.firn.nativeio.checksum.Crc32c.compute(bytes, 0, 12);
        MemorySegment.ofArray(bytes)
                .set(ValueLayout.JAVA_INT_UNALIGNED.withOrder(java.nio.ByteOrder.LITTLE_ENDIAN), 12, crc);
        assertThatThrownBy(() -> decode(bytes))
                .hasMessage("files.index is of version 2; this Firn reads up to 1: take a newer one");
    }
}
