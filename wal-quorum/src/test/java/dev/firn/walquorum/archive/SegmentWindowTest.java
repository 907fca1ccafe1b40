package dev.firn.walquorum.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class SegmentWindowTest {
    private static final long CHECK = 2;
    private static final long TAKE_OVER = 10;

    private static SegmentWindow window(final long first, final int turn, final int nodes) {
        final SegmentWindow window = new SegmentWindow(first, CHECK, TAKE_OVER);
        window.turns(turn, nodes);
        return window;
    }

    @Test
    void shouldPutItsOwnTurnsAtOnceWhateverOthersDo() {
        final SegmentWindow window = window(100, 1, 3);
        window.completeUpTo(106, 0);
        assertThat(window.toPut(0)).isEqualTo(100);
        window.busy(100);
        assertThat(window.toPut(0)).isEqualTo(103);
        window.busy(103);
        assertThat(window.toPut(0)).isEqualTo(-1);
        window.put(103);
        assertThat(window.first()).isEqualTo(100);
        window.put(100);
        assertThat(window.first()).isEqualTo(101);
    }

    @Test
    void shouldLookForOthersSegmentsAndTakeThemOverInOrderOfDistance() {
        final SegmentWindow next = window(99, 1, 3);
        final SegmentWindow last = window(99, 2, 3);
        next.completeUpTo(100, 0);
        last.completeUpTo(100, 0);
        assertThat(next.toCheck(CHECK - 1)).isEqualTo(-1);
        assertThat(next.toCheck(CHECK)).isEqualTo(99);
        assertThat(next.toPut(TAKE_OVER - 1)).isEqualTo(-1);
        assertThat(next.toPut(TAKE_OVER)).isEqualTo(99);
        assertThat(last.toPut(2 * TAKE_OVER - 1)).isEqualTo(-1);
        assertThat(last.toPut(2 * TAKE_OVER)).isEqualTo(99);
    }

    @Test
    void shouldGiveATurnItsTimeOnlyOnceItIsAmongTheFirst() {
        final SegmentWindow window = window(0, 0, 2);
        window.completeUpTo(10, 0);
        assertThat(window.toPut(0)).isZero();
        window.put(0);
        assertThat(window.toPut(TAKE_OVER)).as("its own, and not 3").isEqualTo(1);
        window.found(1);
        window.ripen(100);
        assertThat(window.toPut(100)).isEqualTo(2);
        window.put(2);
        assertThat(window.toPut(100)).isEqualTo(4);
        window.put(4);
        window.put(6);
        window.put(8);
        assertThat(window.toPut(100 + TAKE_OVER - 1)).isEqualTo(-1);
        assertThat(window.toPut(100 + TAKE_OVER)).isEqualTo(3);
    }

    @Test
    void shouldTakeOverSoonWhenANodeIsLateUntilItIsInTime() {
        final SegmentWindow window = window(1, 0, 2);
        window.completeUpTo(8, 0);
        window.put(1);
        assertThat(window.toPut(CHECK)).isEqualTo(2);
        window.put(2);
        assertThat(window.toPut(CHECK)).isEqualTo(3);
        window.found(3);
        window.put(4);
        assertThat(window.toPut(CHECK)).isEqualTo(6);
        window.put(6);
        assertThat(window.toPut(TAKE_OVER - 1)).isEqualTo(-1);
    }

    @Test
    void shouldWaitBeforeItTriesAgainAndKeepToItsLimit() {
        final SegmentWindow window = window(0, -1, 3);
        window.completeUpTo(1_000, 0);
        assertThat(window.end()).isEqualTo(SegmentWindow.SEGMENTS);
        assertThat(window.toPut(3 * TAKE_OVER - 1)).isEqualTo(-1);
        assertThat(window.toPut(3 * TAKE_OVER)).isZero();
        window.busy(0);
        window.again(0, 500);
        assertThat(window.toPut(499)).isEqualTo(1);
        assertThat(window.toPut(500)).isZero();
        assertThat(window.lagNs(70)).isEqualTo(70);
        window.put(0);
        window.completeUpTo(1_000, 80);
        assertThat(window.end()).isEqualTo(SegmentWindow.SEGMENTS + 1);
        assertThatIllegalArgumentException().isThrownBy(() -> window.turns(3, 3));
    }
}
