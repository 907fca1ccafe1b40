package dev.firn.transport.authentication;

/** What became of a handshake message that arrived. */
public enum HandshakeCheck {
    HANDLED,
    /** It answers nothing that is asked now: late, doubled, or recorded by somebody. */
    STALE,
    /** It was made with another secret, or with none. */
    WRONG_PROOF
}
