package dev.firn.pagestore.layer;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names one layer of a timeline, for ever: the epoch of the owner that wrote it, and a number that this owner gives once.
 *
 * @param epoch at least 1.
 * @param number at least 0.
 */
public record LayerName(long epoch, long number) implements Comparable<LayerName> {
    private static final int HEX = 16;
    private static final Pattern FILE = Pattern.compile("([0-7][0-9a-f]{15})-([0-7][0-9a-f]{15})\\.layer");

    public LayerName {
        if (epoch < 1 || number < 0) {
            throw new IllegalArgumentException("no layer has epoch " + epoch + " and number " + number);
        }
    }

    /** What a timeline's layers and its manifest are below. */
    public static String prefix(final String timeline) {
        return "timelines/" + timeline + "/pages/";
    }

    /** The object's key in the store. */
    public String key(final String timeline) {
        return prefix(timeline) + this;
    }

    /** The name that the last part of a key is, or null when it is none. */
    public static LayerName parse(final String file) {
        final Matcher parts = FILE.matcher(file);
        if (!parts.matches()) {
            return null;
        }
        final long epoch = Long.parseLong(parts.group(1), HEX);
        return epoch == 0 ? null : new LayerName(epoch, Long.parseLong(parts.group(2), HEX));
    }

    @Override
    public int compareTo(final LayerName other) {
        return epoch != other.epoch ? Long.compare(epoch, other.epoch) : Long.compare(number, other.number);
    }

    @Override
    public String toString() {
        return String.format("%016x-%016x.layer", epoch, number);
    }
}
