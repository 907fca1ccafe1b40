package dev.firn.walquorum.wire;

/** What became of a message. */
public enum MessageVerdict {
    HANDLED,
    /** Of another schema, or a template that this version does not know. */
    UNKNOWN,
    /** Of a version that is neither this one nor the one before. */
    WRONG_VERSION,
    /** Too short for what it says it holds, or values that cannot be. */
    MALFORMED
}
