package dev.firn.walquorum.core;

/** Bugs planted on purpose, each of which the checks must find. */
enum Flaw {
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
    FORGET_THE_MEMBERSHIP
}
