package dev.firn.server.pages;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StorePatienceTest {
    private final StorePatience patience = new StorePatience();

    @Test
    void shouldSleepAsLongAsItLikesWhenNothingIsOnItsWay() {
        assertThat(patience.sleepNs(0, false, 1_000)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void shouldSleepAnEighthOfWhatItHasWaited() {
        assertThat(patience.sleepNs(1, true, 1_000)).isEqualTo(20_000);
        assertThat(patience.sleepNs(1, false, 8_001_000)).isEqualTo(1_000_000);
        assertThat(patience.sleepNs(1, false, 80_001_000)).isEqualTo(10_000_000);
    }

    @Test
    void shouldBeginAnewWhenSomethingMoved() {
        patience.sleepNs(1, true, 0);
        assertThat(patience.sleepNs(2, true, 8_000_000)).isEqualTo(20_000);
        assertThat(patience.sleepNs(0, true, 9_000_000)).isEqualTo(Long.MAX_VALUE);
        assertThat(patience.sleepNs(1, false, 80_000_000)).isEqualTo(20_000);
    }
}
