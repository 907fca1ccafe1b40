package dev.firn.transport.aeron;

import io.aeron.ChannelUriStringBuilder;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Where a node listens. */
public sealed interface NodeAddress {
    /** The word that stands for {@link Ipc} in a configuration. */
    String IPC = "ipc";

    /** Shared memory, between nodes that use the same media driver. */
    record Ipc() implements NodeAddress {
        @Override
        public String channel() {
            return new ChannelUriStringBuilder().media("ipc").build();
        }

        @Override
        public String toString() {
            return IPC;
        }
    }

    /** A UDP socket. */
    record Udp(InetAddress host, int port) implements NodeAddress {
        private static final int MAX_PORT = 65_535;

        public Udp {
            if (port < 1 || port > MAX_PORT) {
                throw new IllegalArgumentException("port " + port + " is not within 1.." + MAX_PORT);
            }
        }

        @Override
        public String channel() {
            return new ChannelUriStringBuilder()
                    .media("udp")
                    .endpoint(toString())
                    .build();
        }

        /** {@code host:port} with the numeric address, so that a name is resolved once. */
        @Override
        public String toString() {
            final String literal = host.getHostAddress();
            return (host instanceof Inet6Address ? "[" + literal + "]" : literal) + ":" + port;
        }
    }

    /** Aeron's URI for this address. */
    String channel();

    /** Reads {@code ipc} or {@code host:port}; an IPv6 address stands in brackets. */
    static NodeAddress parse(final String text) {
        if (IPC.equals(text)) {
            return new Ipc();
        }
        final int colon = text.lastIndexOf(':');
        final String host = colon < 1 ? "" : text.substring(0, colon);
        final boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (host.isEmpty() || (host.indexOf(':') >= 0 && !bracketed)) {
            throw notAnAddress(text, null);
        }
        try {
            final int port = Integer.parseInt(text.substring(colon + 1));
            return new Udp(InetAddress.getByName(host), port);
        } catch (final NumberFormatException e) {
            throw notAnAddress(text, e);
        } catch (final UnknownHostException e) {
            throw new IllegalArgumentException("host of \"" + text + "\" is not known", e);
        }
    }

    private static IllegalArgumentException notAnAddress(final String text, final Exception cause) {
        return new IllegalArgumentException(
                "\"" + text + "\" is not an address: write host:port, [ipv6]:port or " + IPC, cause);
    }
}
