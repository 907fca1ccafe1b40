package dev.firn.postgres.effect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OffsetsPagesTest {
    private static final int PER_PAGE = 2048;
    private static final OffsetsPages.Presence THERE = page -> true;
    private static final OffsetsPages.Presence MISSING = page -> false;

    private final OffsetsPages pages = new OffsetsPages();

    @Test
    void shouldZeroWhatARecordZeroes() {
        assertThat(pages.zeroed(3)).isTrue();
        assertThat(pages.zeroed(3)).isTrue();
        assertThat(pages.zeroed(4)).isTrue();
    }

    @Test
    void shouldNotCareWithinAPage() {
        assertThat(pages.created(5, MISSING)).isEqualTo(-1);
        assertThat(pages.created(PER_PAGE - 2, MISSING)).isEqualTo(-1);
    }

    @Test
    void shouldFindThePageThereWhenAPrimaryOfTodayZeroedIt() {
        assertThat(pages.zeroed(1)).isTrue();
        assertThat(pages.created(PER_PAGE - 1, MISSING)).isEqualTo(-1);
        assertThat(pages.created(2 * PER_PAGE - 2, MISSING)).isEqualTo(-1);
    }

    @Test
    void shouldZeroThePageEarlyAndOnceWhenAnOlderPrimaryZeroesItLate() {
        assertThat(pages.zeroed(1)).isTrue();
        assertThat(pages.created(2 * PER_PAGE - 1, THERE)).isEqualTo(2);
        assertThat(pages.zeroed(2)).isFalse();
        assertThat(pages.created(2 * PER_PAGE, THERE)).isEqualTo(-1);
        assertThat(pages.created(3 * PER_PAGE - 1, THERE)).isEqualTo(3);
    }

    @Test
    void shouldAskForThePageUntilOneWasZeroed() {
        assertThat(pages.created(PER_PAGE - 1, THERE)).isEqualTo(-1);
        assertThat(pages.created(PER_PAGE - 1, MISSING)).isEqualTo(1);
        // Now it is known, whatever is asked.
        assertThat(pages.created(PER_PAGE - 1, MISSING)).isEqualTo(-1);
    }

    @Test
    void shouldForgetWhatItZeroedEarlyAtTheNextMultiXact() {
        assertThat(pages.created(PER_PAGE - 1, MISSING)).isEqualTo(1);
        assertThat(pages.created(PER_PAGE, MISSING)).isEqualTo(-1);
        assertThat(pages.zeroed(1)).isTrue();
    }

    @Test
    void shouldGoOnAtTheFirstPageWhenMultiXactsWrapAround() {
        assertThat(pages.zeroed(2_097_151)).isTrue();
        assertThat(pages.created(-1, THERE)).isEqualTo(0);
        assertThat(pages.zeroed(0)).isFalse();
        assertThat(OffsetsPages.next(-1)).isEqualTo(1);
    }
}
