package dev.firn.walquorum.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.seam.SystemRandom;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonParserTest {
    private static Map<String, Object> parse(final byte[] bytes, final int pieceBytes) {
        final JsonTree tree = new JsonTree();
        final JsonParser parser = new JsonParser(tree);
        final MemorySegment segment = MemorySegment.ofArray(bytes);
        for (int at = 0; at < bytes.length; at += pieceBytes) {
            parser.feed(segment, at, Math.min(pieceBytes, bytes.length - at));
        }
        parser.finish();
        return tree.object();
    }

    private static Map<String, Object> parse(final String text) {
        return parse(text.getBytes(StandardCharsets.UTF_8), 1 << 20);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1000})
    void shouldReadTheSameWhateverThePieces(final int pieceBytes) {
        final String text =
                " {\"a\" : [1, -20,{\"b\\u00e9\":\"\\ud83d\\ude00 \\\\ \\\" \\/ \\n é\"} , []],\r\n\t\"c\":{}} \n";
        assertThat(parse(text.getBytes(StandardCharsets.UTF_8), pieceBytes))
                .isEqualTo(Map.of("a", List.of(1L, -20L, Map.of("bé", "😀 \\ \" / \n é"), List.of()), "c", Map.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{]",
                "[1}",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{\"a\":1 \"b\":2}",
                "{a:1}",
                "{\"a\":01}",
                "{\"a\":1.5}",
                "{\"a\":1e3}",
                "{\"a\":-}",
                "{\"a\":\"\t\"}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12g4\"}",
                "{\"a\":\"\\ud800\"}",
                "{\"a\":\"\\ud800x\"}",
                "{\"a\":\"\\udc00\"}",
                "{\"a\":nul}",
                "{\"a\":1}x",
                "{\"a\":1}{}",
                "{\"a\":\"",
                "{\"a\":1,\"a\":2}",
                "{\"a\":99999999999999999999999}",
                "{\"a\":true}",
                "{\"a\":9223372036854775808}",
                "[1,]",
                "[,1]",
                "1",
                "\"x\""
            })
    void shouldRefuseWhenTheTextIsMalformed(final String text) {
        assertThatThrownBy(() -> parse(text)).isInstanceOf(MalformedJsonException.class);
    }

    @Test
    void shouldRefuseWhenATextIsNotUtf8OrLimitsAreExceeded() {
        assertThatThrownBy(() -> parse(new byte[] {'{', '"', (byte) 0xC3, '"', ':', '1', '}'}, 9))
                .isInstanceOf(MalformedJsonException.class)
                .hasMessageContaining("not UTF-8");
        assertThatThrownBy(() -> parse("[".repeat(JsonParser.MAX_DEPTH + 1)))
                .isInstanceOf(MalformedJsonException.class)
                .hasMessageContaining("nested deeper");
        assertThatThrownBy(() -> parse("{\"" + "x".repeat(JsonParser.MAX_TEXT_BYTES + 1) + "\":1}"))
                .isInstanceOf(MalformedJsonException.class)
                .hasMessageContaining("longer than");
        assertThat(parse("{\"" + "x".repeat(JsonParser.MAX_TEXT_BYTES) + "\":1}"))
                .hasSize(1);
    }

    @Test
    void shouldNeverFailOtherwiseWhenFedRandomBytes() {
        final RandomGenerator random = SystemRandom.seeded(20_261_121);
        final byte[] alphabet = "{}[]\",:\\u0123456789abcdef-+.truefalsn \n\tE\u00e9".getBytes(StandardCharsets.UTF_8);
        for (int run = 0; run < 20_000; run++) {
            final byte[] bytes = new byte[random.nextInt(40)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = alphabet[random.nextInt(alphabet.length)];
            }
            try {
                parse(bytes, 1 + random.nextInt(8));
            } catch (final MalformedJsonException expected) {
                assertThat(expected.getMessage()).isNotBlank();
            }
        }
    }
}
