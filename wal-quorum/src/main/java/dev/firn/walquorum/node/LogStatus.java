package dev.firn.walquorum.node;

import dev.firn.walquorum.term.Membership;
import java.util.List;

/**
 * One log of a WAL node, at one moment. Counts are since the node's start.
 *
 * @param timeline the name of the timeline; empty when the log is too damaged to tell.
 * @param acceptorId 0 when the log is too damaged to tell.
 * @param trouble why the log is full or damaged, in one sentence; else empty.
 * @param appendedBytes taken from proposers and peers.
 * @param appendsRefused how often the log had no room for all that came: back-pressure.
 * @param sendsRefused messages to peers, proposers and readers that the network had no room for.
 * @param fetchedBytes sent to peers.
 * @param readBytes sent to readers.
 * @param flushLatency from the first byte of a flush taken to its being durable; one object for the log's life.
 */
public record LogStatus(
        long logId,
        String timeline,
        long acceptorId,
        LogState state,
        String trouble,
        Membership membership,
        long promisedTerm,
        long followedTerm,
        long startLsn,
        long flushedLsn,
        long committedLsn,
        long archivedLsn,
        List<ReaderStatus> readers,
        int segments,
        long appendedBytes,
        long appendsRefused,
        long sendsRefused,
        long fetchedBytes,
        long readBytes,
        FlushLatency flushLatency) {}
