package dev.firn.walquorum.log;

/** Names of a log's segments: numbers of 16 hexadecimal digits, from 0. */
final class SegmentNames {
    static final String DIRECTORY = "log";

    private SegmentNames() {}

    static String of(final long segment) {
        return DIRECTORY + "/" + String.format("%016x", segment);
    }
}
