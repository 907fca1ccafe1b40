package dev.firn.walquorum.wire;

/**
 * Which log is to be made: all that distinguishes it from others. The same on every node.
 *
 * @param logId drawn at random when the timeline was made.
 * @param timeline the timeline's name.
 * @param systemIdentifier of the Postgres cluster whose WAL it holds.
 * @param startLsn where it begins: the first byte of a WAL segment.
 */
public record LogSpec(
        long logId, String timeline, long systemIdentifier, int postgresMajor, int walSegmentBytes, long startLsn) {}
