package dev.firn.transport.authentication;

/** Where handshake messages leave. */
@FunctionalInterface
public interface HandshakePort {
    /**
     * Sends a message to its destination.
     *
     * @param message borrowed for the length of the call.
     * @return false when it cannot be sent now. What matters is tried again.
     */
    boolean send(HandshakeMessage message);
}
