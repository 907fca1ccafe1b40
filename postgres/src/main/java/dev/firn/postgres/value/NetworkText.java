package dev.firn.postgres.value;

import dev.firn.postgres.MalformedDataException;

/** Network addresses: utils/adt/network.c and port/inet_net_ntop.c; mac.c, mac8.c. */
final class NetworkText {
    private static final int FAMILY_V4 = 2;
    private static final int FAMILY_V6 = 3;
    private static final int ADDRESS = 2;
    private static final int V4_BYTES = 4;
    private static final int V6_BYTES = 16;
    private static final int V6_WORDS = 8;
    private static final int V4_IN_V6_WORD = 6;

    private NetworkText() {}

    /** network_out: of a cidr always with its netmask, of an inet when it isn't the whole address. */
    static void print(final DatumFlyweight datum, final boolean isCidr, final TextBuffer out) {
        final int family = datum.unsignedByte(0);
        final int bits = datum.unsignedByte(1);
        final int bytes = family == FAMILY_V4 ? V4_BYTES : V6_BYTES;
        if ((family != FAMILY_V4 && family != FAMILY_V6)
                || datum.length() != ADDRESS + bytes
                || bits > bytes * Byte.SIZE) {
            throw new MalformedDataException("a network address of family " + family + " with " + bits
                    + " bits of netmask and " + datum.length() + " bytes");
        }
        if (family == FAMILY_V4) {
            putV4(datum, ADDRESS, out);
        } else {
            putV6(datum, out);
        }
        if (isCidr || bits != bytes * Byte.SIZE) {
            out.put('/').putDecimal(bits);
        }
    }

    private static void putV4(final DatumFlyweight datum, final int index, final TextBuffer out) {
        for (int i = 0; i < V4_BYTES; i++) {
            if (i > 0) {
                out.put('.');
            }
            out.putDecimal(datum.unsignedByte(index + i));
        }
    }

    private static int word(final DatumFlyweight datum, final int index) {
        return (datum.unsignedByte(ADDRESS + 2 * index) << Byte.SIZE) | datum.unsignedByte(ADDRESS + 2 * index + 1);
    }

    private static void putV6(final DatumFlyweight datum, final TextBuffer out) {
        int bestBegin = -1;
        int bestLength = 1;
        for (int i = 0; i < V6_WORDS; i++) {
            int end = i;
            while (end < V6_WORDS && word(datum, end) == 0) {
                end++;
            }
            if (end - i > bestLength) {
                bestBegin = i;
                bestLength = end - i;
            }
            i = Math.max(i, end - 1);
        }
        for (int i = 0; i < V6_WORDS; i++) {
            if (bestBegin >= 0 && i >= bestBegin && i < bestBegin + bestLength) {
                if (i == bestBegin) {
                    out.put(':');
                }
                continue;
            }
            if (i != 0) {
                out.put(':');
            }
            if (i == V4_IN_V6_WORD && bestBegin == 0 && holdsV4(datum, bestLength)) {
                putV4(datum, ADDRESS + 2 * V4_IN_V6_WORD, out);
                return;
            }
            out.putHexNumber(word(datum, i), false);
        }
        if (bestBegin >= 0 && bestBegin + bestLength == V6_WORDS) {
            out.put(':');
        }
    }

    private static boolean holdsV4(final DatumFlyweight datum, final int zeroes) {
        return zeroes == 6 || (zeroes == 7 && word(datum, 7) != 1) || (zeroes == 5 && word(datum, 5) == 0xFFFF);
    }

    /** macaddr_out and macaddr8_out. */
    static void printMac(final DatumFlyweight datum, final int bytes, final TextBuffer out) {
        for (int i = 0; i < bytes; i++) {
            if (i > 0) {
                out.put(':');
            }
            out.putHex(datum.unsignedByte(i));
        }
    }
}
