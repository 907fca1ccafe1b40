package dev.firn.postgres.compression;

import java.io.ByteArrayOutputStream;

/** A greedy pglz compressor: the other side of the format, so that tests have inputs with matches of every length and distance. */
final class PglzEncoder {
    private static final int MAX_LENGTH = 273;
    private static final int MAX_DISTANCE = 4095;

    private PglzEncoder() {}

    static byte[] encode(final byte[] raw) {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final ByteArrayOutputStream group = new ByteArrayOutputStream();
        int control = 0;
        int items = 0;
        int at = 0;
        while (at < raw.length) {
            int length = 0;
            int distance = 0;
            for (int back = 1; back <= Math.min(at, MAX_DISTANCE); back++) {
                int same = 0;
                while (same < MAX_LENGTH && at + same < raw.length && raw[at + same] == raw[at + same - back]) {
                    same++;
                }
                if (same > length) {
                    length = same;
                    distance = back;
                }
            }
            if (length >= 3) {
                control |= 1 << items;
                group.write((distance >>> 4 & 0xF0) | Math.min(length - 3, 15));
                group.write(distance);
                if (length >= 18) {
                    group.write(length - 18);
                }
                at += length;
            } else {
                group.write(raw[at++]);
            }
            if (++items == 8 || at == raw.length) {
                out.write(control);
                out.writeBytes(group.toByteArray());
                group.reset();
                control = 0;
                items = 0;
            }
        }
        return out.toByteArray();
    }
}
