package dev.firn.walquorum.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.walquorum.json.MalformedJsonException;
import java.time.Instant;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class BranchEntryTest {
    private static final long SEED = 0xB7A_0001L;
    private static final BranchEntry ENTRY =
            new BranchEntry("dev", -77, "main", 0x1_0200_0028L, Instant.ofEpochSecond(1_795_000_000));

    @Test
    void shouldReadWhatItWrote() {
        assertThat(BranchEntry.decode(ENTRY.encode(), "dev")).isEqualTo(ENTRY);
        assertThat(BranchEntry.key("dev")).isEqualTo("timelines/dev/branch.json");
    }

    @Test
    void shouldRefuseTheEntryOfAnotherBranch() {
        assertThatThrownBy(() -> BranchEntry.decode(ENTRY.encode(), "other"))
                .isInstanceOf(MalformedJsonException.class)
                .hasMessageContaining("is the entry of the branch dev, not of other");
    }

    @Test
    void shouldRefuseWhateverIsDamaged() {
        final RandomGenerator random = SystemRandom.seeded(SEED);
        final byte[] good = ENTRY.encode();
        for (int i = 0; i < 3_000; i++) {
            byte[] damaged = good.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            if (random.nextInt(4) == 0) {
                damaged = Arrays.copyOf(damaged, random.nextInt(damaged.length));
            }
            final byte[] bytes = damaged;
            assertThatThrownBy(() -> BranchEntry.decode(bytes, "dev"))
                    .as("case %d of seed %d", i, SEED)
                    .isInstanceOf(MalformedJsonException.class);
        }
    }

    @Test
    void shouldRefuseWhatCannotBeABranch() {
        assertThatThrownBy(() -> new BranchEntry("dev", 1, "dev", 1, Instant.EPOCH))
                .hasMessage("dev cannot be a branch of dev");
        assertThatThrownBy(() -> new BranchEntry("dev", 1, "main", 0, Instant.EPOCH))
                .hasMessage("0/0 is no LSN to branch off at");
    }
}
