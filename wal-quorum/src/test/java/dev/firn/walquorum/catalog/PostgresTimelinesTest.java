package dev.firn.walquorum.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PostgresTimelinesTest {
    private static final int SEGMENT = 1 << 20;

    @Test
    void shouldNameASegmentByItsLastByteWhenATimelineEndsWithinIt() {
        final HistoryFile two = HistoryFile.promoted(null, 1, 2, 3L * SEGMENT + 5000, "no recovery target specified");
        final PostgresTimelines timelines = PostgresTimelines.of(two);
        assertThat(timelines.segmentName(2, SEGMENT)).isEqualTo("000000010000000000000002");
        assertThat(timelines.segmentName(3, SEGMENT)).isEqualTo("000000020000000000000003");
        assertThat(timelines.segmentName(4, SEGMENT)).isEqualTo("000000020000000000000004");
        assertThat(timelines.timelineAt(3L * SEGMENT + 4999)).isEqualTo(1);
        assertThat(timelines.timelineAt(3L * SEGMENT + 5000)).isEqualTo(2);
    }

    @Test
    void shouldLeaveTheSegmentBeforeToTheOldTimelineWhenTheNextBeginsWithASegment() {
        final HistoryFile two = HistoryFile.promoted(null, 1, 2, 3L * SEGMENT, "x");
        assertThat(PostgresTimelines.of(two).timelineOfSegment(2, SEGMENT)).isEqualTo(1);
        assertThat(PostgresTimelines.of(two).timelineOfSegment(3, SEGMENT)).isEqualTo(2);
    }

    @Test
    void shouldTakeTheNewestWhenTwoTimelinesEndWithinASegment() {
        final HistoryFile two = HistoryFile.promoted(null, 1, 2, 3L * SEGMENT + 100, "a");
        final HistoryFile five = HistoryFile.promoted(two, 2, 5, 3L * SEGMENT + 200, "b");
        assertThat(PostgresTimelines.of(five).timelineOfSegment(3, SEGMENT)).isEqualTo(5);
        assertThat(PostgresTimelines.of(five).newest()).isEqualTo(5);
        assertThat(PostgresTimelines.of(five).newestBeginLsn()).isEqualTo(3L * SEGMENT + 200);
    }

    @Test
    void shouldWriteHistoriesAsPostgresDoes() {
        final HistoryFile two = HistoryFile.promoted(null, 1, 2, 0x3000_5678L, "no recovery target specified");
        assertThat(two.text()).isEqualTo("1\t0/30005678\tno recovery target specified\n");
        final HistoryFile three = HistoryFile.promoted(two, 2, 3, 0x1_0000_0000L, "before 2026");
        assertThat(three.text()).isEqualTo("1\t0/30005678\tno recovery target specified\n\n2\t1/0\tbefore 2026\n");
        assertThat(three.fileName()).isEqualTo("00000003.history");
        assertThat(HistoryFile.parse(3, three.bytes())).isEqualTo(three);
    }

    @Test
    void shouldRefuseWhatIsNoHistory() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HistoryFile.parse(2, "hello\n".getBytes(StandardCharsets.UTF_8)))
                .withMessageContaining("the history of timeline 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HistoryFile.parse(2, new byte[0]))
                .withMessageContaining("names no timeline");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HistoryFile.parse(2, new byte[] {(byte) 0xFF}))
                .withMessageContaining("not UTF-8");
        assertThatIllegalArgumentException().isThrownBy(() -> PostgresTimelines.of(0));
    }
}
