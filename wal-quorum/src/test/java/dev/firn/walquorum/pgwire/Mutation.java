package dev.firn.walquorum.pgwire;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Makes something else of what a server said, as broken networks and broken minds do. */
final class Mutation {
    private static final int[] LENGTHS = {
        0,
        1,
        3,
        4,
        5,
        0xFF,
        0xFFFF,
        1 << 20,
        16 << 20,
        (16 << 20) + 5,
        1 << 30,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        -1
    };
    private static final int MAX_CHANGES = 4;

    private Mutation() {}

    static byte[] of(final byte[] original, final RandomGenerator random) {
        byte[] bytes = original.clone();
        for (int i = 1 + random.nextInt(MAX_CHANGES); i > 0 && bytes.length > Integer.BYTES; i--) {
            bytes = change(bytes, random);
        }
        return bytes;
    }

    private static byte[] change(final byte[] bytes, final RandomGenerator random) {
        final int at = random.nextInt(bytes.length - Integer.BYTES + 1);
        switch (random.nextInt(6)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
            case 1 -> bytes[at] = (byte) random.nextInt();
            case 2 ->
                System.arraycopy(
                        ServerScript.int32(LENGTHS[random.nextInt(LENGTHS.length)]), 0, bytes, at, Integer.BYTES);
            case 3 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 4 -> {
                // Said twice.
                final int to = at + random.nextInt(bytes.length - at);
                return join(Arrays.copyOf(bytes, to), Arrays.copyOfRange(bytes, at, bytes.length));
            }
            default -> {
                // Left out.
                final int to = at + random.nextInt(bytes.length - at);
                return join(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, to, bytes.length));
            }
        }
        return bytes;
    }

    private static byte[] join(final byte[] first, final byte[] second) {
        final ByteArrayOutputStream joined = new ByteArrayOutputStream(first.length + second.length);
        joined.writeBytes(first);
        joined.writeBytes(second);
        return joined.toByteArray();
    }
}
