package dev.firn.walquorum.node;

import dev.firn.walquorum.log.LogConfig;
import dev.firn.walquorum.log.LogRing;

/**
 * The limits and times of a WAL node.
 *
 * @param log the sizes of each log; its memory is taken when the log is opened.
 * @param maxLogs most logs on the node.
 * @param messagesPerCycle most messages taken in one duty cycle.
 * @param tickNs how often the acceptors hear that time has passed.
 * @param maxReaders most readers of one log.
 * @param maxReaderWindowBytes widest window of a reader; one that asks for more gets this.
 * @param readerBytesPerCycle most bytes sent to one reader in one duty cycle.
 * @param readerHeartbeatNs how often a reader to whom there is nothing to send is told what is committed.
 * @param readerTimeoutNs a reader that was not heard of for so long is forgotten.
 * @param reserveBytes how much of a log is kept beyond what has to be: for peers and readers that come back.
 * @param answerNs messages for an acceptor that is not here are answered so often at most, for each log and sender.
 * @param statusNs how often the status is made anew, as long as somebody looks at it.
 */
public record WalNodeConfig(
        LogConfig log,
        int maxLogs,
        int messagesPerCycle,
        long tickNs,
        int maxReaders,
        int maxReaderWindowBytes,
        int readerBytesPerCycle,
        long readerHeartbeatNs,
        long readerTimeoutNs,
        long reserveBytes,
        long answerNs,
        long statusNs) {
    private static final long MILLISECOND_NS = 1_000_000L;

    public static final WalNodeConfig DEFAULT = new WalNodeConfig(
            LogConfig.DEFAULT,
            64,
            256,
            20 * MILLISECOND_NS,
            32,
            16 << 20,
            256 << 10,
            200 * MILLISECOND_NS,
            10_000 * MILLISECOND_NS,
            64L << 20,
            100 * MILLISECOND_NS,
            100 * MILLISECOND_NS);

    /** Logs that were removed, and whose last operations have not ended, take places of the ring too. */
    static final int CLOSING_LOGS = 4;

    /** Tokens of reads name a reader or a peer in this many bits. */
    static final int MAX_READERS = 1 << 12;

    public WalNodeConfig {
        if (maxLogs < 1 || maxLogs > mostLogs(log)) {
            throw new IllegalArgumentException("a WAL node's maxLogs is within 1.." + mostLogs(log)
                    + ", as many logs of its sizes as one ring takes, not " + maxLogs);
        }
        require(messagesPerCycle, 1, 1 << 20, "messagesPerCycle");
        require(tickNs, 1, Long.MAX_VALUE, "tickNs");
        require(maxReaders, 1, MAX_READERS, "maxReaders");
        require(maxReaderWindowBytes, 1, 1 << 30, "maxReaderWindowBytes");
        require(readerBytesPerCycle, 1, 1 << 30, "readerBytesPerCycle");
        require(readerHeartbeatNs, 1, Long.MAX_VALUE, "readerHeartbeatNs");
        require(readerTimeoutNs, readerHeartbeatNs, Long.MAX_VALUE, "readerTimeoutNs");
        require(reserveBytes, 0, Long.MAX_VALUE, "reserveBytes");
        require(answerNs, 1, Long.MAX_VALUE, "answerNs");
        require(statusNs, 1, Long.MAX_VALUE, "statusNs");
    }

    /** The highest {@code maxLogs} with logs of these sizes. */
    public static int mostLogs(final LogConfig log) {
        return LogRing.mostLogs(log) - CLOSING_LOGS;
    }

    private static void require(final long value, final long least, final long most, final String name) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "a WAL node's " + name + " is within " + least + ".." + most + ", not " + value);
        }
    }

    public WalNodeConfig withLog(final LogConfig sizes) {
        return new WalNodeConfig(
                sizes,
                maxLogs,
                messagesPerCycle,
                tickNs,
                maxReaders,
                maxReaderWindowBytes,
                readerBytesPerCycle,
                readerHeartbeatNs,
                readerTimeoutNs,
                reserveBytes,
                answerNs,
                statusNs);
    }

    public WalNodeConfig withLimits(final int logs, final int readers, final long reserve) {
        return new WalNodeConfig(
                log,
                logs,
                messagesPerCycle,
                tickNs,
                readers,
                maxReaderWindowBytes,
                readerBytesPerCycle,
                readerHeartbeatNs,
                readerTimeoutNs,
                reserve,
                answerNs,
                statusNs);
    }

    public WalNodeConfig withStatusNs(final long interval) {
        return new WalNodeConfig(
                log,
                maxLogs,
                messagesPerCycle,
                tickNs,
                maxReaders,
                maxReaderWindowBytes,
                readerBytesPerCycle,
                readerHeartbeatNs,
                readerTimeoutNs,
                reserveBytes,
                answerNs,
                interval);
    }
}
