package dev.firn.bench.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.Progress;
import dev.firn.bench.meter.XorShift;
import dev.firn.nativeio.seam.SystemClock;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataFileTest {
    private static final int BLOCKS = 300;

    private final Progress progress = new Progress(
            new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8), false, SystemClock.INSTANCE);

    @TempDir
    private Path directory;

    @Test
    void shouldWriteEveryBlockWithItsWordAndNoise() throws Exception {
        final DataFile file = file();

        file.ensure(progress);

        final byte[] content = Files.readAllBytes(file.path());
        final ByteBuffer words = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(content).hasSize(BLOCKS * DataFile.BLOCK_BYTES);
        for (int block = 0; block < BLOCKS; block++) {
            assertThat(words.getLong(block * DataFile.BLOCK_BYTES)).isEqualTo(DataFile.firstWord(block));
        }
        assertThat(Arrays.copyOfRange(content, 8, 4096)).isNotEqualTo(Arrays.copyOfRange(content, 4104, 8192));
        assertThat(file.intact()).isTrue();
    }

    @Test
    void shouldReuseAnIntactFileAndReplaceADamagedOne() throws Exception {
        final DataFile file = file();
        file.ensure(progress);
        final Object made = Files.readAttributes(file.path(), "unix:ino").get("ino");

        file.ensure(progress);
        assertThat(Files.readAttributes(file.path(), "unix:ino")).containsEntry("ino", made);

        final byte[] content = Files.readAllBytes(file.path());
        Arrays.fill(content, content.length - DataFile.BLOCK_BYTES, content.length, (byte) 0);
        Files.write(file.path(), content);
        assertThat(file.intact()).isFalse();
        file.ensure(progress);
        assertThat(file.intact()).isTrue();

        Files.write(file.path(), new byte[DataFile.BLOCK_BYTES]);
        assertThat(file.intact()).isFalse();
    }

    @Test
    void shouldSayHowMuchRoomIsMissing() {
        final DataFile file = new DataFile(directory.resolve("huge"), 1L << 60);

        assertThatThrownBy(() -> file.ensure(progress))
                .isInstanceOf(BenchmarkException.class)
                .hasMessageContaining("MiB left");
        assertThat(file.path()).doesNotExist();
    }

    @Test
    void shouldSpreadOffsetsOverTheWholeFile() {
        final XorShift random = new XorShift(0);
        final int[] hits = new int[10];
        for (int i = 0; i < 10_000; i++) {
            hits[(int) random.nextBelow(hits.length)]++;
        }
        assertThat(Arrays.stream(hits).boxed())
                .allSatisfy(count -> assertThat(count).isBetween(850, 1150));
    }

    private DataFile file() {
        return new DataFile(directory.resolve("blocks"), (long) BLOCKS * DataFile.BLOCK_BYTES + 17);
    }
}
