package dev.firn.transport.aeron;

/** The messages of {@code transport.xml}. */
enum FrameKind {
    PLAIN,
    SEALED,
    HANDSHAKE
}
