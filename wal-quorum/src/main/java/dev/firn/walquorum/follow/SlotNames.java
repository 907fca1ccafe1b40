package dev.firn.walquorum.follow;

import dev.firn.nativeio.checksum.Crc32c;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** What a timeline's replication slot is called: {@code firn_} and its name, as far as Postgres takes that (slot.c). */
public final class SlotNames {
    private static final String PREFIX = "firn_";

    /** NAMEDATALEN - 1. */
    private static final int MAX_LENGTH = 63;

    private static final int CHECKSUM_LENGTH = 9;

    private SlotNames() {}

    public static String of(final String timeline) {
        final String name = PREFIX + timeline.replace('-', '_');
        if (name.length() <= MAX_LENGTH && timeline.indexOf('-') < 0) {
            return name;
        }
        // Names that differ only in what a slot's cannot have must not share one.
        final byte[] bytes = timeline.getBytes(StandardCharsets.UTF_8);
        return name.substring(0, Math.min(name.length(), MAX_LENGTH - CHECKSUM_LENGTH)) + "_"
                + HexFormat.of().toHexDigits(Crc32c.compute(bytes, 0, bytes.length));
    }
}
