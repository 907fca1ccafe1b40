package dev.firn.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.version.PostgresVersion;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Positions, file names, timelines, operations. */
class WalNamesTest {
    @ParameterizedTest
    @CsvSource({"0/0, 0", "16/B374D848, 97500059720", "FFFFFFFF/FFFFFFFF, -1", "0/1000028, 16777256"})
    void shouldPrintAndReadPositionsAsPostgresDoes(final String text, final long lsn) {
        assertThat(Lsn.format(lsn)).isEqualTo(text);
        assertThat(Lsn.parse(text)).isEqualTo(lsn);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "0/", "/0", "12", "0/123456789", "0/-1", "g/0", "0/0/0", "0/ 1"})
    void shouldRefuseWhatIsNoPosition(final String text) {
        assertThatThrownBy(() -> Lsn.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 16777216, 000000010000000000000001",
        "1, 256, 16777216, 000000010000000100000000",
        "2, 4096, 1048576, 000000020000000100000000",
        "26, 7, 1073741824, 0000001A0000000100000003",
    })
    void shouldNameSegmentsAsPostgresDoes(
            final int timeline, final long number, final int segmentBytes, final String name) {
        assertThat(WalSegments.fileName(timeline, number, segmentBytes)).isEqualTo(name);
        assertThat(WalSegments.isFileName(name)).isTrue();
        assertThat(WalSegments.timelineOf(name)).isEqualTo(timeline);
        assertThat(WalSegments.numberOf(name, segmentBytes)).isEqualTo(number);
    }

    @Test
    void shouldKnowWhatIsNoSegment() {
        for (final String name : List.of("00000001.history", "archive_status", "00000001000000000000000g")) {
            assertThat(WalSegments.isFileName(name)).as(name).isFalse();
        }
        assertThatThrownBy(() -> WalSegments.numberOf("000000010000000000000004", 1 << 30))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(WalSegments.isValidSize(3 << 20)).isFalse();
        assertThat(WalSegments.isValidSize(1 << 19)).isFalse();
        assertThat(WalSegments.isValidSize(1 << 30)).isTrue();
    }

    @Test
    void shouldTakeTheNewestTimelineThatOwnsAPartOfASegment() {
        final TimelineHistory history = TimelineHistory.parse(
                4, "1\t0/3000000\tno recovery target specified\n\n# comment\n3\t0/5800000\tbefore 2026\n");
        assertThat(history.candidates(2, 1 << 24)).containsExactly(1);
        assertThat(history.candidates(3, 1 << 24)).containsExactly(3, 1);
        assertThat(history.candidates(5, 1 << 24)).containsExactly(4, 3, 1);
        assertThat(TimelineHistory.of(9).candidates(0, 1 << 24)).containsExactly(9);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "x\t0/1\t", "1\tnowhere", "5\t0/1", "2\t0/2\n1\t0/3", "1\t0/9\n2\t0/3"})
    void shouldRefuseAHistoryThatIsNone(final String text) {
        assertThatThrownBy(() -> TimelineHistory.parse(4, text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldNameOperationsByVersion() {
        final int heap2 = ResourceManager.HEAP2.id();
        assertThat(WalOperations.name(PostgresVersion.V15, heap2, 0x10)).isEqualTo("PRUNE");
        assertThat(WalOperations.name(PostgresVersion.V17, heap2, 0x10)).isEqualTo("PRUNE_ON_ACCESS");
        assertThat(WalOperations.name(PostgresVersion.V15, 0, 0xE0)).isNull();
        assertThat(WalOperations.name(PostgresVersion.V17, 0, 0xE2)).isEqualTo("CHECKPOINT_REDO");
        assertThat(WalOperations.name(PostgresVersion.V17, 1, 0x80)).isEqualTo("COMMIT");
        assertThat(WalOperations.name(PostgresVersion.V17, 130, 0)).isNull();
        assertThat(WalRecordText.resourceManagerName(130)).isEqualTo("custom130");
        assertThat(ResourceManager.LOGICAL_MESSAGE.id()).isEqualTo(21);
    }
}
