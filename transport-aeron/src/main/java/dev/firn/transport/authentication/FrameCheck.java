package dev.firn.transport.authentication;

/** What an {@link Authenticator} thinks of a frame. */
public enum FrameCheck {
    ACCEPTED,
    /** Of a session that ended, or never was. */
    UNKNOWN_SESSION,
    /** Its number has been seen, or a later one. */
    REPLAYED,
    /** Changed, or forged. */
    WRONG_CODE
}
