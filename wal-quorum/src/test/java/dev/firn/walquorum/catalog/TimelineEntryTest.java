package dev.firn.walquorum.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.walquorum.json.MalformedJsonException;
import dev.firn.walquorum.json.SealedJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimelineEntryTest {
    static TimelineEntry entry(final String name) {
        return new TimelineEntry(
                name,
                0xF123_4567_89AB_CDEFL,
                -2L,
                17,
                16 << 20,
                3L * (16 << 20),
                1,
                List.of(0x1111_2222_3333_0000L, 0xF111_2222_3333_0001L, 2L),
                Instant.parse("2026-11-21T17:30:05.5Z"));
    }

    private static TimelineEntry decode(final byte[] bytes) {
        return TimelineEntry.decode("timelines/main/timeline.json", bytes, "main");
    }

    @Test
    void shouldReadWhatItWrote() {
        assertThat(decode(entry("main").encode())).isEqualTo(entry("main"));
        assertThat(new String(entry("main").encode(), StandardCharsets.UTF_8))
                .contains(
                        "\"logId\": \"f123456789abcdef\"",
                        "\"systemIdentifier\": \"18446744073709551614\"",
                        "\"startLsn\": \"0/3000000\"",
                        "\"members\": [\"1111222233330000\", \"f111222233330001\", \"0000000000000002\"]",
                        "\"createdAt\": \"2026-11-21T17:30:05Z\"");
    }

    @Test
    void shouldRefuseWhenItIsAnothersOrOfTheFutureOrMakesNoSense() {
        assertThatThrownBy(() -> decode(entry("other").encode()))
                .isInstanceOf(MalformedJsonException.class)
                .hasMessage("timelines/main/timeline.json is the entry of the timeline other, not of main");
        assertThatThrownBy(() -> decode(SealedJson.write(TimelineEntry.FORMAT, 2, json -> json.text("new", "thing"))))
                .hasMessageContaining("is of version 2 of the format firn-timeline");
        final byte[] wrong = SealedJson.write(
                TimelineEntry.FORMAT,
                1,
                json -> json.text("name", "main")
                        .text("logId", "f123456789abcdef")
                        .text("systemIdentifier", "1")
                        .number("postgresMajor", 9)
                        .number("walSegmentBytes", 16 << 20)
                        .text("startLsn", "0/3000000")
                        .number("postgresTimeline", 1)
                        .texts("members", List.of("0000000000000001"))
                        .text("createdAt", "2026-11-21T17:30:05Z"));
        assertThatThrownBy(() -> decode(wrong))
                .hasMessageStartingWith("timelines/main/timeline.json makes no sense: Postgres 9 is not supported");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "0", "main", "a-b_c9", "z23456789012345678901234567890123456789012345678901234567890123"})
    void shouldTakeNamesByTheRule(final String name) {
        assertThat(entry(name).keys().entry()).isEqualTo("timelines/" + name + "/timeline.json");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-a",
                "_a",
                "A",
                "a b",
                "a/b",
                "..",
                "é",
                "a\n",
                "z234567890123456789012345678901234567890123456789012345678901234"
            })
    void shouldRefuseOtherNamesInOneSentence(final String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> entry(name))
                .withMessageStartingWith("\"" + name + "\" is no name of a timeline");
    }

    @Test
    void shouldRefuseAStartWithinASegment() {
        final TimelineEntry good = entry("main");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TimelineEntry(
                        "main", 1, 1, 17, 16 << 20, good.startLsn() + 40, 1, List.of(1L), good.createdAt()))
                .withMessageContaining("no segment of 16777216 bytes begins at 0/3000028");
    }

    @Test
    void shouldTellBackupsByTheirKeys() {
        final TimelineKeys keys = new TimelineKeys("main");
        assertThat(keys.backup(0x1_0200_0028L)).isEqualTo("timelines/main/base/0000000102000028/");
        assertThat(keys.backupStartLsn("timelines/main/base/0000000102000028/")).isEqualTo(0x1_0200_0028L);
        assertThat(keys.backupStartLsn("timelines/main/base/000000010200002g/")).isEqualTo(-1);
        assertThat(keys.backupStartLsn("timelines/mainz/base/0000000102000028/"))
                .isEqualTo(-1);
        assertThat(keys.history(2)).isEqualTo("timelines/main/wal/00000002.history");
        assertThat(keys.partial("000000010000000000000003"))
                .isEqualTo("timelines/main/wal/000000010000000000000003.partial");
    }
}
