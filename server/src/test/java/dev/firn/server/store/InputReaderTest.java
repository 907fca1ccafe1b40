package dev.firn.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.store.StoreLimits;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class InputReaderTest {
    private static final long MIN_PART_BYTES = StoreLimits.DEFAULT.minPartBytes();

    @TempDir
    private Path folder;

    @Test
    void shouldCutAFileIntoPartsAndSayWhichIsTheLast() throws IOException {
        final byte[] bytes = new byte[(17 << 20) + 5];
        SystemRandom.seeded(17).nextBytes(bytes);
        final Path file = Files.write(folder.resolve("file"), bytes);
        final List<Integer> lengths = new ArrayList<>();
        int at = 0;
        try (InputReader reader = InputReader.ofFile(file, MIN_PART_BYTES)) {
            assertThat(reader.lengthBytes()).isEqualTo(bytes.length);
            boolean last = false;
            while (!last) {
                final InputReader.Portion portion = next(reader);
                final byte[] part = portion.bytes().toArray(ValueLayout.JAVA_BYTE);
                assertThat(Arrays.mismatch(part, 0, part.length, bytes, at, at + part.length))
                        .isEqualTo(-1);
                at += part.length;
                lengths.add(part.length);
                last = portion.last();
                reader.giveBack(portion);
            }
        }
        assertThat(lengths).containsExactly(8 << 20, 8 << 20, (1 << 20) + 5);
    }

    @Test
    void shouldEndWithAnEmptyPortionWhenTheLastPartIsFull() throws IOException {
        final Path file = Files.write(folder.resolve("file"), new byte[(int) InputReader.PART_BYTES]);
        try (InputReader reader = InputReader.ofFile(file, MIN_PART_BYTES)) {
            final InputReader.Portion first = next(reader);
            assertThat(first.last()).isFalse();
            reader.giveBack(first);
            final InputReader.Portion second = next(reader);
            assertThat(second.last()).isTrue();
            assertThat(second.bytes().byteSize()).isZero();
            reader.giveBack(second);
        }
    }

    @Test
    void shouldReadNoFurtherAheadThanItsMemoryAndGoOnWhenSomeIsGivenBack() throws IOException {
        final int parts = (int) (InputReader.MEMORY_BYTES / InputReader.PART_BYTES);
        final Path file = folder.resolve("file");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            // A hole as long as all memory and two parts.
            channel.write(ByteBuffer.allocate(1), (parts + 2) * InputReader.PART_BYTES - 1);
        }
        try (InputReader reader = InputReader.ofFile(file, MIN_PART_BYTES)) {
            final List<InputReader.Portion> held = new ArrayList<>();
            for (int i = 0; i < parts; i++) {
                held.add(next(reader));
            }
            assertThat(reader.poll()).isNull();
            reader.giveBack(held.removeFirst());
            held.add(next(reader));
            assertThat(held).hasSize(parts);
            held.forEach(reader::giveBack);
        }
    }

    @Test
    void shouldTakeLongerPartsWhenThereAreMany() {
        assertThat(InputReader.partBytes(0, MIN_PART_BYTES)).isEqualTo(8 << 20);
        assertThat(InputReader.partBytes(999, MIN_PART_BYTES)).isEqualTo(8 << 20);
        assertThat(InputReader.partBytes(1_000, MIN_PART_BYTES)).isEqualTo(16 << 20);
        assertThat(InputReader.partBytes(9_999, MIN_PART_BYTES)).isEqualTo(64 << 20);
        assertThat(InputReader.partBytes(0, 500L << 20)).isEqualTo(500L << 20);
    }

    private static InputReader.Portion next(final InputReader reader) {
        InputReader.Portion portion = reader.poll();
        while (portion == null) {
            Thread.onSpinWait();
            portion = reader.poll();
        }
        return portion;
    }
}
