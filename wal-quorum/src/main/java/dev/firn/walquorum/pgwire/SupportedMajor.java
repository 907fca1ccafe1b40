package dev.firn.walquorum.pgwire;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The major versions of Postgres that are followed. To add one: a row here, once the tests of this package and the redo of
 * {@code postgres/} hold for it. What replication commands say has been the same since 15.
 */
public enum SupportedMajor {
    POSTGRES_15(15),
    POSTGRES_17(17);

    private final int number;

    SupportedMajor(final int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    public static boolean includes(final int number) {
        return Arrays.stream(values()).anyMatch(major -> major.number == number);
    }

    /** For messages: "15 and 17". */
    public static String listed() {
        return Arrays.stream(values())
                .map(major -> Integer.toString(major.number))
                .collect(Collectors.joining(" and "));
    }
}
