package dev.firn.walquorum.follow;

import dev.firn.walquorum.stream.AcceptorLag;
import dev.firn.walquorum.stream.WriterState;
import java.util.List;

/**
 * How a follower stands, at one moment.
 *
 * @param timeline its name.
 * @param host the server that it streams from, or did last; empty before the first.
 * @param postgresTimeline Postgres' timeline that is streamed; 0 before the first.
 * @param serverLsn end of the server's WAL, as it said last.
 * @param appendedLsn up to where WAL was taken from the server.
 * @param receivedLsn up to where a majority has received it.
 * @param committedLsn up to where a majority has it on disk.
 * @param lagBytes what the server has and the quorum has not committed.
 * @param lagSeconds for how long there has been a lag.
 * @param reconnects how often a stream was brought about, after the first.
 * @param lastError one sentence; empty when there was none since the stream was brought about.
 * @param quorum where the writer is,
 * @param quorumSentence and what is not as it should be there; empty when all is well.
 * @param backPressured how often the transport had no room.
 */
public record FollowerStatus(
        FollowerState state,
        String timeline,
        String host,
        int postgresTimeline,
        long serverLsn,
        long appendedLsn,
        long receivedLsn,
        long committedLsn,
        long lagBytes,
        double lagSeconds,
        long reconnects,
        String lastError,
        WriterState quorum,
        String quorumSentence,
        long term,
        long generation,
        List<AcceptorLag> acceptors,
        long sentBytes,
        long backPressured) {}
