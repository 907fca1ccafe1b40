package dev.firn.server.config;

import dev.firn.server.CommandException;
import dev.firn.server.home.RoleIdentity;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What every role is told.
 *
 * @param cluster the deployment's name, the same on all its nodes; keeps a directory of another one out.
 * @param directory what the role keeps, and its lock.
 * @param http where its endpoint listens; port 0 is any that is free.
 * @param httpTokenFile who asks must show this file's content; only without it is loopback required.
 */
public record RoleConfig(String cluster, Path directory, InetSocketAddress http, Optional<Path> httpTokenFile) {
    static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");
    static final String NAME_RULE = "lower case letters, digits, hyphens and underscores";

    private static final String DEFAULT_HTTP = "127.0.0.1:0";
    private static final int MAX_PORT = 65_535;
    private static final Pattern ADDRESS = Pattern.compile("(.+):(\\d{1,5})");

    /**
     * @param role as {@code firn run} calls it; the file may name it too, and then the same.
     */
    static RoleConfig read(final ConfigReader reader, final String role) {
        requireRole(reader, role);
        final String cluster = reader.matching("cluster", NAME, NAME_RULE);
        final Path directory = reader.path("directory");
        final Optional<Path> tokenFile = reader.optionalPath("httpTokenFile");
        final InetSocketAddress http =
                address(reader, reader.optionalText("http").orElse(DEFAULT_HTTP));
        if (!http.getAddress().isLoopbackAddress() && tokenFile.isEmpty()) {
            throw reader.wrong(
                    "http",
                    "is beyond loopback, so \"httpTokenFile\" must name a file with the token that those who ask"
                            + " have to show");
        }
        return new RoleConfig(cluster, directory, http, tokenFile);
    }

    /** A file that names another role is meant for another command. */
    static void requireRole(final ConfigReader reader, final String role) {
        reader.optionalText("role").filter(named -> !named.equals(role)).ifPresent(named -> {
            throw new CommandException(reader.file() + " is the configuration of a " + named + ", not of a " + role);
        });
    }

    private static InetSocketAddress address(final ConfigReader reader, final String text) {
        final var matcher = ADDRESS.matcher(text);
        if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > MAX_PORT) {
            throw reader.wrong("http", "is no address such as " + DEFAULT_HTTP);
        }
        // Numbers only: a name would be looked up, and may be another host's tomorrow.
        final InetAddress host;
        try {
            host = InetAddress.ofLiteral(matcher.group(1));
        } catch (final IllegalArgumentException e) {
            throw reader.wrong("http", "is no numeric address such as " + DEFAULT_HTTP, e);
        }
        return new InetSocketAddress(host, Integer.parseInt(matcher.group(2)));
    }

    /** Whose the directory is. */
    public RoleIdentity identity(final String role, final int node) {
        return new RoleIdentity(role, node, cluster);
    }
}
