package dev.firn.walquorum.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class SealedJsonTest {
    private static final byte[] SEALED = SealedJson.write(
            "test-format",
            2,
            json -> json.text("name", "a\"\\\n\u0001é😀")
                    .number("count", -7)
                    .texts("texts", List.of("x", "y"))
                    .objects(
                            "things",
                            List.of(1L, 2L),
                            (item, value) -> item.text("kind", "k").number("n", value))
                    .objects("none", List.<Long>of(), (item, value) -> item.number("n", value)));

    private static JsonFields open(final byte[] bytes, final String format, final int newest) {
        return SealedJson.open("the thing", bytes, format, newest);
    }

    @Test
    void shouldReadWhatItWrote() {
        final JsonFields fields = open(SEALED, "test-format", 2);
        assertThat(fields.text("name")).isEqualTo("a\"\\\n\u0001é😀");
        assertThat(fields.integer("count")).isEqualTo(-7);
        assertThat(fields.texts("texts")).containsExactly("x", "y");
        assertThat(fields.objects("things"))
                .extracting(thing -> thing.number("n"))
                .containsExactly(1L, 2L);
        assertThat(fields.objects("none")).isEmpty();
        fields.end();
    }

    @Test
    void shouldBeTextForAPerson() {
        assertThat(new String(SEALED, StandardCharsets.UTF_8))
                .startsWith("{\n  \"format\": \"test-format\",\n  \"version\": 2,\n  \"name\": \"a\\\"\\\\\\n\\u0001é")
                .contains("  \"texts\": [\"x\", \"y\"],\n")
                .contains("  \"things\": [\n    {\"kind\": \"k\", \"n\": 1},\n    {\"kind\": \"k\", \"n\": 2}],\n")
                .matches("(?s).*\\n {2}\"crc32c\": \"[0-9a-f]{8}\"\\n}\\n");
    }

    @Test
    void shouldSayThatItIsDamagedWhenAnyBitIsFlipped() {
        for (int bit = 0; bit < SEALED.length * 8; bit++) {
            final byte[] flipped = SEALED.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> open(flipped, "test-format", 2))
                    .isInstanceOf(MalformedJsonException.class)
                    .hasMessageStartingWith("the thing is damaged");
        }
    }

    @Test
    void shouldSayThatItIsDamagedWhenCutOff() {
        for (int length = 0; length < SEALED.length; length++) {
            final byte[] cut = java.util.Arrays.copyOf(SEALED, length);
            assertThatThrownBy(() -> open(cut, "test-format", 2)).hasMessageStartingWith("the thing is damaged");
        }
    }

    @Test
    void shouldRefuseWhenFormatOrVersionAreOthers() {
        assertThatThrownBy(() -> open(SEALED, "other-format", 2))
                .hasMessage("the thing is of the format test-format, not other-format");
        assertThatThrownBy(() -> open(SEALED, "test-format", 1))
                .hasMessage("the thing is of version 2 of the format test-format; this Firn reads up to 1: take a newer"
                        + " one");
    }

    @Test
    void shouldNameTheFieldWhenItIsMissingWrongOrUnknown() {
        assertThatThrownBy(() -> open(SEALED, "test-format", 2).text("absent"))
                .hasMessage("the thing has no field \"absent\"");
        assertThatThrownBy(() -> open(SEALED, "test-format", 2).number("name"))
                .hasMessage("the thing has a field \"name\" that is not a number");
        assertThatThrownBy(() -> open(SEALED, "test-format", 2).objects("texts"))
                .hasMessage("the thing has a field \"texts\" that is not a list of objects");
        assertThatThrownBy(() -> open(SEALED, "test-format", 2).end())
                .hasMessage("the thing has a field \"name\" that nobody knows");
    }
}
