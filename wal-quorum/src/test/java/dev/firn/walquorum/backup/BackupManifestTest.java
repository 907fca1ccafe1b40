package dev.firn.walquorum.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackupManifestTest {
    private static List<String> read(final byte[] bytes, final int pieceBytes) {
        final List<String> files = new ArrayList<>();
        final BackupManifest manifest = new BackupManifest(
                "backup_manifest", (path, length, crc) -> files.add(path + " " + length + " " + crc));
        for (int at = 0; at < bytes.length; at += pieceBytes) {
            manifest.feed(MemorySegment.ofArray(bytes), at, Math.min(pieceBytes, bytes.length - at));
        }
        manifest.finish();
        return files;
    }

    @Test
    void shouldReadFilesWhateverThePieces() {
        final byte[] bytes = SyntheticBackup.manifestOf(
                List.of(
                        "{ \"Path\": \"a/b\", \"Size\": 12, \"Last-Modified\": \"x\", \"Checksum-Algorithm\": \"CRC32C\", \"Checksum\": \"01020304\" }",
                        "{ \"Encoded-Path\": \"6162\", \"Size\": 9999999999, \"Last-Modified\": \"x\", \"Checksum-Algorithm\": \"CRC32C\", \"Checksum\": \"00000000\" }"));
        for (final int pieceBytes : new int[] {1, 2, 7, 100, 10_000}) {
            assertThat(read(bytes, pieceBytes)).containsExactly("a/b 12 " + 0x04030201, "ab 9999999999 0");
        }
    }

    @Test
    void shouldSeeEveryFlippedBit() {
        final byte[] bytes = SyntheticBackup.of(1, 1, 10).manifest;
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            final byte[] flipped = bytes.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> read(flipped, 1_000)).isInstanceOf(BackupException.class);
        }
    }

    @Test
    void shouldSayWhatItCannotRead() {
        final String good = new String(SyntheticBackup.of(1, 1, 10).manifest, StandardCharsets.UTF_8);
        assertThatThrownBy(
                        () -> read(good.replace("Version\": 2", "Version\": 3").getBytes(StandardCharsets.UTF_8), 99))
                .hasMessageContaining("it is of version 3, and up to 2 are read");
        assertThatThrownBy(() -> read(good.replace("CRC32C", "SHA256").getBytes(StandardCharsets.UTF_8), 99))
                .hasMessageContaining("is not a CRC32C");
        assertThatThrownBy(() -> read(good.substring(0, good.length() - 40).getBytes(StandardCharsets.UTF_8), 99))
                .isInstanceOf(BackupException.class);
    }
}
