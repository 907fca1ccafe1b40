package dev.firn.postgres.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SlruTest {
    @Test
    void shouldKnowTheLastPage() {
        assertThat(Slru.XACT.lastPage()).isEqualTo(131_071);
        assertThat(Slru.COMMIT_TS.lastPage()).isEqualTo(5_244_160);
        assertThat(Slru.MULTIXACT_OFFSETS.lastPage()).isEqualTo(2_097_151);
        assertThat(Slru.MULTIXACT_MEMBERS.lastPage()).isEqualTo(2_625_285);
        assertThat(Slru.MULTIXACT_MEMBERS.path(Slru.MULTIXACT_MEMBERS.segment(2_625_285)))
                .isEqualTo("pg_multixact/members/14078");
    }

    @Test
    void shouldComparePagesInACircle() {
        assertThat(Slru.XACT.precedes(0, 1)).isTrue();
        assertThat(Slru.XACT.precedes(1, 1)).isFalse();
        assertThat(Slru.XACT.precedes(131_071, 0)).isTrue();
        assertThat(Slru.XACT.precedes(0, 131_071)).isFalse();
        assertThat(Slru.XACT.precedes(0, 65_535)).isTrue();
        // Its first transaction is ahead, its last one is behind: neither page precedes the other.
        assertThat(Slru.XACT.precedes(0, 65_536)).isFalse();
        assertThat(Slru.XACT.precedes(65_536, 0)).isFalse();
        assertThat(Slru.MULTIXACT_MEMBERS.precedes(2_625_285, 3)).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Slru.class)
    void shouldNeverHavePagesPrecedeEachOther(final Slru slru) {
        final SplittableRandom random = new SplittableRandom(slru.ordinal());
        int ordered = 0;
        for (int i = 0; i < 100_000; i++) {
            final int page = random.nextInt(slru.lastPage() + 1);
            final int other = random.nextInt(slru.lastPage() + 1);
            final boolean before = slru.precedes(page, other);
            final boolean after = slru.precedes(other, page);
            assertThat(before && after).as("pages %s and %s", page, other).isFalse();
            ordered += before || after ? 1 : 0;
        }
        assertThat(ordered).isGreaterThan(99_000);
    }

    @Test
    void shouldRemoveASegmentOnlyWithItsLastPage() {
        assertThat(Slru.XACT.segmentPrecedes(0, 31)).isFalse();
        assertThat(Slru.XACT.segmentPrecedes(0, 32)).isTrue();
        assertThat(Slru.XACT.segmentPrecedes(1, 32)).isFalse();
        // After a turn of the circle.
        assertThat(Slru.XACT.segmentPrecedes(4095, 1)).isTrue();
        assertThat(Slru.XACT.segmentPrecedes(2047, 0)).isFalse();
        assertThat(Slru.XACT.segmentPrecedes(2048, 0)).isFalse();
        assertThat(Slru.XACT.segmentPrecedes(2049, 0)).isTrue();
    }
}
