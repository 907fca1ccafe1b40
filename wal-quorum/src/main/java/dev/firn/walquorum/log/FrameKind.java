package dev.firn.walquorum.log;

/** What a frame holds. */
enum FrameKind {
    /** WAL bytes that begin at the frame's LSN, where the log ended. */
    APPEND,
    /** The log ends at the frame's LSN, whatever it held beyond, and goes on in the frame's term; the payload is the history. */
    HAND_OVER;

    static final int FIRST_CODE = 1;

    int code() {
        return ordinal() + FIRST_CODE;
    }

    /** Null for a code that no frame has. */
    static FrameKind of(final int code) {
        return switch (code) {
            case FIRST_CODE -> APPEND;
            case FIRST_CODE + 1 -> HAND_OVER;
            default -> null;
        };
    }
}
