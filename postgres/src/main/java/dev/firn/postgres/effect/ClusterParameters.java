package dev.firn.postgres.effect;

/** Settings that the log carries whenever they change (xl_parameter_change of access/xlog_internal.h), and the control file keeps. */
public record ClusterParameters(
        int maxConnections,
        int maxWorkerProcesses,
        int maxWalSenders,
        int maxPreparedTransactions,
        int maxLocksPerTransaction,
        int walLevel,
        boolean walLogHints,
        boolean trackCommitTimestamp) {}
