package dev.firn.pagestore.key;

/** Page keys from one to another, both included. */
public record KeyRange(long fromHigh, long fromMiddle, long fromLow, long toHigh, long toMiddle, long toLow) {
    public KeyRange {
        if (PageKeys.compare(fromHigh, fromMiddle, fromLow, toHigh, toMiddle, toLow) > 0) {
            throw new IllegalArgumentException(
                    "a range of keys from " + PageKeys.describe(fromHigh, fromMiddle, fromLow) + " back to "
                            + PageKeys.describe(toHigh, toMiddle, toLow));
        }
    }

    /** All keys of a class. */
    public static KeyRange of(final KeyClass keyClass) {
        return of(keyClass, keyClass);
    }

    /** All keys of the classes from one to another. */
    public static KeyRange of(final KeyClass first, final KeyClass last) {
        return new KeyRange(PageKeys.high(first, 0), 0, 0, PageKeys.high(last, -1), -1, -1);
    }

    /** All keys of a class in a database's directory in a tablespace. */
    public static KeyRange ofDatabase(final KeyClass keyClass, final int tablespace, final int database) {
        final long high = PageKeys.high(keyClass, tablespace);
        return new KeyRange(high, PageKeys.middle(database, 0), 0, high, PageKeys.middle(database, -1), -1);
    }

    /** Keys from one on and before another, which is not the least of all. */
    public static KeyRange before(
            final long fromHigh,
            final long fromMiddle,
            final long fromLow,
            final long endHigh,
            final long endMiddle,
            final long endLow) {
        final long middle = endLow == 0 ? endMiddle - 1 : endMiddle;
        final long high = endLow == 0 && endMiddle == 0 ? endHigh - 1 : endHigh;
        return new KeyRange(fromHigh, fromMiddle, fromLow, high, middle, endLow - 1);
    }

    public boolean contains(final long high, final long middle, final long low) {
        return PageKeys.compare(fromHigh, fromMiddle, fromLow, high, middle, low) <= 0
                && PageKeys.compare(high, middle, low, toHigh, toMiddle, toLow) <= 0;
    }

    /** Whether some key is in both. */
    public boolean meets(final KeyRange other) {
        return PageKeys.compare(fromHigh, fromMiddle, fromLow, other.toHigh, other.toMiddle, other.toLow) <= 0
                && PageKeys.compare(other.fromHigh, other.fromMiddle, other.fromLow, toHigh, toMiddle, toLow) <= 0;
    }

    @Override
    public String toString() {
        return PageKeys.describe(fromHigh, fromMiddle, fromLow) + " to " + PageKeys.describe(toHigh, toMiddle, toLow);
    }
}
