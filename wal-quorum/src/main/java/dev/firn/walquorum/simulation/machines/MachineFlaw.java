package dev.firn.walquorum.simulation.machines;

/** Bugs planted on purpose around the state machines, each of which the checks must find. */
public enum MachineFlaw {
    NONE,
    /** Writes are said to be on disk before they are. */
    ANSWER_BEFORE_FLUSH,
    /** The promise is answered, but never written. */
    FORGET_THE_VOTE,
    /** A log that is handed to a term is cut off in memory only. */
    FORGET_THE_HAND_OVER,
    /** The history is lost with a crash. */
    FORGET_THE_HISTORY,
    /** A vote tells less than the log has. */
    VOTE_WITH_LESS,
    /** A vote hides which term its log reached. */
    VOTE_AS_FRESH,
    /** The promise is written without the membership that it was made to. */
    FORGET_THE_MEMBERSHIP,
    /** Bytes of older terms count although the acceptor was not handed the new one. */
    COUNT_OLDER_TERMS,
    /** The log is cut off below the place where the proposer's term starts. */
    TRUNCATE_BELOW_COMMIT,
    /** Acceptors are told that bytes are committed when they are sent. */
    SHOW_EARLY
}
