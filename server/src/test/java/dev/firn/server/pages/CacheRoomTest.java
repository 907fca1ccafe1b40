package dev.firn.server.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheRoomTest {
    private static final long GIB = 1L << 30;

    @Test
    void shouldBeAsLargeAsWishedWhenTheDiskHasTwiceThat() {
        assertThat(CacheRoom.sizeBytes(16 * GIB, 0, 100 * GIB)).isEqualTo(16 * GIB);
        assertThat(CacheRoom.sizeBytes(16 * GIB, 4 * GIB, 100 * GIB)).isEqualTo(16 * GIB);
        assertThat(CacheRoom.sizeBytes(GIB, 4 * GIB, 100 * GIB)).isEqualTo(GIB);
    }

    @Test
    void shouldTakeNoMoreThanHalfOfWhatTheDiskHas() {
        assertThat(CacheRoom.sizeBytes(16 * GIB, 0, 10 * GIB)).isEqualTo(5 * GIB);
        assertThat(CacheRoom.sizeBytes(16 * GIB, 6 * GIB, 2 * GIB)).isEqualTo(4 * GIB);
        assertThat(CacheRoom.sizeBytes(16 * GIB, GIB, 9 * GIB)).isEqualTo(5 * GIB);
    }

    @Test
    void shouldKeepTheFileThatIsThereWhenTheDiskSetsTheLimit() {
        assertThat(CacheRoom.sizeBytes(16 * GIB, 5 * GIB, 6 * GIB)).isEqualTo(5 * GIB);
        assertThat(CacheRoom.sizeBytes(16 * GIB, 3 * GIB, 8 * GIB)).isEqualTo(3 * GIB);
    }

    @Test
    void shouldBeNoneWithoutRoomOrWish() {
        assertThat(CacheRoom.sizeBytes(16 * GIB, 0, 100 << 20)).isZero();
        assertThat(CacheRoom.sizeBytes(0, 0, 100 * GIB)).isZero();
    }

    @Test
    void shouldCountTheFileThatIsThere(@TempDir final Path directory) throws Exception {
        assertThat(CacheRoom.sizeBytes(CacheRoom.LEAST_BYTES, directory, "blocks"))
                .isEqualTo(CacheRoom.LEAST_BYTES);
        Files.write(directory.resolve("blocks"), new byte[1 << 20]);
        assertThat(CacheRoom.sizeBytes(CacheRoom.LEAST_BYTES, directory, "blocks"))
                .isEqualTo(CacheRoom.LEAST_BYTES);
    }
}
