package dev.firn.columnar.transcode;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;

/** Names as people give them to types, tables and columns, quoted; no two are the same. */
final class RandomNames {
    private static final List<String> WORDS = List.of(
            "a",
            "Id",
            "select",
            "with space",
            "quo\"te",
            "it's",
            "dot.ted",
            "sla/sh",
            "back\\slash",
            "per%20cent",
            "ümlaut €",
            "😀",
            "line\nbreak",
            "element",
            "list",
            "key_value",
            "$dollar",
            "..",
            "firn_",
            "_hidden",
            "0",
            " ");

    private static final int LONGEST = 63;

    private final SplittableRandom random;
    private int count;

    RandomNames(final SplittableRandom random) {
        this.random = random;
    }

    String next() {
        String name = WORDS.get(random.nextInt(WORDS.size())) + count++;
        if (random.nextInt(15) == 0) {
            name += "x".repeat(LONGEST - name.getBytes(StandardCharsets.UTF_8).length);
        }
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }
}
