package dev.firn.server.endpoint;

import dev.firn.server.CommandException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Where an endpoint listens, and who may ask. A token is what the header {@code Authorization: Bearer} must hold.
 *
 * @param address port 0 for any that is free.
 * @param readToken needed for every request; empty only on loopback.
 * @param control what POST does; empty for an endpoint that is only read.
 * @param controlToken needed for POST.
 */
public record EndpointAccess(
        InetSocketAddress address, Optional<String> readToken, Optional<Control> control, String controlToken) {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final int MIN_TOKEN_LENGTH = 16;

    /** Read by everybody on this host. */
    public static EndpointAccess loopback(final int port) {
        try {
            final InetSocketAddress address = new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port);
            return new EndpointAccess(address, Optional.empty(), Optional.empty(), "");
        } catch (final IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As configured. */
    public static EndpointAccess at(final InetSocketAddress address, final Optional<Path> tokenFile) {
        return new EndpointAccess(address, tokenFile.map(EndpointAccess::readToken), Optional.empty(), "");
    }

    public EndpointAccess withControl(final Control handler, final String token) {
        return new EndpointAccess(address, readToken, Optional.of(handler), token);
    }

    private static String readToken(final Path file) {
        try {
            final String token = Files.readString(file).strip();
            if (token.length() < MIN_TOKEN_LENGTH) {
                throw new CommandException("the token in " + file + " has " + token.length() + " characters: "
                        + MIN_TOKEN_LENGTH + " are the least");
            }
            return token;
        } catch (final IOException e) {
            throw new CommandException("the token file " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Whether a request shows this token. Takes as long for every wrong one. */
    static boolean shows(final String authorization, final String token) {
        final String wanted = "Bearer " + token;
        return authorization != null
                && MessageDigest.isEqual(
                        authorization.getBytes(StandardCharsets.UTF_8), wanted.getBytes(StandardCharsets.UTF_8));
    }
}
