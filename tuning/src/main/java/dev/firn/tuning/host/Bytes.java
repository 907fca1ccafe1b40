package dev.firn.tuning.host;

import java.util.Locale;

/** Sizes as a person reads them. */
public final class Bytes {
    public static final long KIB = 1L << 10;
    public static final long MIB = 1L << 20;
    public static final long GIB = 1L << 30;
    public static final long TIB = 1L << 40;

    private Bytes() {}

    /** For example {@code 23.5 GiB}; whole numbers without a fraction. */
    public static String format(final long bytes) {
        if (bytes >= TIB) {
            return format(bytes, TIB, " TiB");
        }
        if (bytes >= GIB) {
            return format(bytes, GIB, " GiB");
        }
        return bytes >= MIB ? format(bytes, MIB, " MiB") : format(bytes, KIB, " KiB");
    }

    private static String format(final long bytes, final long unit, final String name) {
        return bytes % unit == 0
                ? bytes / unit + name
                : String.format(Locale.ROOT, "%.1f", (double) bytes / unit) + name;
    }
}
