package dev.firn.walquorum.wire;

/** Why a node does not do what it was asked. */
public enum Refusal {
    /** It has a log of this id or this timeline that differs. */
    ANOTHER_LOG,
    NO_SUCH_LOG,
    /** It has too many logs or readers, or no memory or disk left. */
    NO_ROOM,
    /** What is asked for is in the archive only. */
    TRIMMED,
    BAD_REQUEST,
    /** It has the log, but cannot serve it until a person has helped. */
    DAMAGED
}
