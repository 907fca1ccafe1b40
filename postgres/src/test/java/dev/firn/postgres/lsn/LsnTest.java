package dev.firn.postgres.lsn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.seam.SystemRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LsnTest {
    @Test
    void shouldPrintAsPostgresDoes() {
        assertThat(Lsn.format(0)).isEqualTo("0/0");
        assertThat(Lsn.format(0x16_B374D848L)).isEqualTo("16/B374D848");
        assertThat(Lsn.format(0x1_00000028L)).isEqualTo("1/28");
        assertThat(Lsn.format(-1)).isEqualTo("FFFFFFFF/FFFFFFFF");
    }

    @Test
    void shouldReadWhatItPrints() {
        final long seed = 42;
        final RandomGenerator random = SystemRandom.seeded(seed);
        for (int i = 0; i < 10_000; i++) {
            final long lsn = random.nextLong() >>> random.nextInt(64);
            assertThat(Lsn.parse(Lsn.format(lsn))).as("seed %d", seed).isEqualTo(lsn);
        }
        assertThat(Lsn.parse("16/b374d848")).isEqualTo(0x16_B374D848L);
        assertThat(Lsn.parse("00000016/B374D848")).isEqualTo(0x16_B374D848L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "1/", "/1", "1", "1/2/3", "G/1", "1/-1", "123456789/0", "0/123456789", " 1/2"})
    void shouldRefuseWhatIsNoLsn(final String text) {
        assertThatThrownBy(() -> Lsn.parse(text)).hasMessageContaining("no LSN");
    }
}
