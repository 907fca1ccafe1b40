package dev.firn.transport.authentication;

/** The messages of a handshake: from the opener, who wants to send, to the listener, and back. */
public enum HandshakeKind {
    /** Opener: here is my nonce. */
    HELLO,
    /** Listener: here is mine; both are in the proof. */
    CHALLENGE,
    /** Opener: I hold the secret, and have seen your nonce; this is the session in which you send to me, if there is one. */
    OPEN,
    /** Listener: I take frames of this session. */
    ACCEPTED,
    /** Listener: I know nothing of this session; open another. */
    UNKNOWN_SESSION
}
