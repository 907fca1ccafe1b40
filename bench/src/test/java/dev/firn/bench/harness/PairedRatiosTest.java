package dev.firn.bench.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PairedRatiosTest {
    private static final double TOLERANCE = 1e-12;

    @Test
    void shouldTakeMedianOfPairsNotRatioOfMedians() {
        // The host slows down by half after the first round: each pair still says 1.1.
        final PairedRatios ratios =
                PairedRatios.of(Direction.HIGHER_IS_BETTER, samples(110, 55, 55), samples(100, 50, 50));

        assertThat(ratios.median()).isCloseTo(1.1, within(TOLERANCE));
        assertThat(ratios.ratios())
                .hasSize(3)
                .allSatisfy(ratio -> assertThat(ratio).isCloseTo(1.1, within(TOLERANCE)));
    }

    @Test
    void shouldNotFollowOneSpoiltPair() {
        final PairedRatios ratios =
                PairedRatios.of(Direction.HIGHER_IS_BETTER, samples(100, 5, 100), samples(100, 100, 100));

        assertThat(ratios.median()).isEqualTo(1.0);
        assertThat(ratios.min()).isEqualTo(0.05);
        assertThat(ratios.max()).isEqualTo(1.0);
    }

    @Test
    void shouldBeAboveOneWhenFirnIsBetterWhicheverWayTheUnitGoes() {
        assertThat(Direction.HIGHER_IS_BETTER.ratio(200, 100)).isEqualTo(2.0);
        assertThat(Direction.LOWER_IS_BETTER.ratio(50, 100)).isEqualTo(2.0);
        assertThat(PairedRatios.of(Direction.LOWER_IS_BETTER, samples(400), samples(100))
                        .median())
                .isEqualTo(0.25);
    }

    @Test
    void shouldLeaveOutRoundsThatOneSideSatOut() {
        final List<Sample> rival = Arrays.asList(Sample.ofValue(10), null, Sample.ofValue(20));

        final PairedRatios ratios = PairedRatios.of(Direction.HIGHER_IS_BETTER, samples(10, 1, 10), rival);

        assertThat(ratios.ratios()).containsExactly(1.0, 0.5);
    }

    @Test
    void shouldTakeMeanOfTheTwoInTheMiddleWhenTheirCountIsEven() {
        assertThat(PairedRatios.median(List.of(9.0, 1.0, 2.0, 4.0))).isEqualTo(3.0);
        assertThat(PairedRatios.median(List.of(9.0, 1.0, 2.0))).isEqualTo(2.0);
    }

    @Test
    void shouldRefuseWhatCannotBePaired() {
        assertThatThrownBy(() -> PairedRatios.of(Direction.HIGHER_IS_BETTER, samples(1), samples(1, 2)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PairedRatios.of(Direction.HIGHER_IS_BETTER, samples(1), Arrays.asList((Sample) null)))
                .hasMessageContaining("no round");
        assertThatThrownBy(() -> Sample.ofValue(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Sample.ofValue(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PairedRatios.median(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    private static List<Sample> samples(final double... values) {
        return Arrays.stream(values).mapToObj(Sample::ofValue).toList();
    }
}
