package dev.firn.server.home;

import dev.firn.server.CommandException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** Asks the endpoint of a running process: the system, or one role. */
public final class RunningSystem {
    private static final int CONNECT_LIMIT_MS = 2_000;
    private static final int READ_LIMIT_MS = 5_000;

    /** More than any answer of the endpoint. */
    private static final int MAX_BODY_BYTES = 16 << 20;

    private RunningSystem() {}

    /** An answer: the HTTP status code and the body. */
    public record Answer(int code, String body) {}

    /**
     * @param url root of the endpoint, with a slash at the end.
     * @param path below the root, such as {@code status}.
     */
    public static Answer get(final ProcessIdentity process, final String url, final String path) {
        return ask(process, url, path, null, null);
    }

    /**
     * Asks for something to be done.
     *
     * @param token from the data directory.
     * @param body a JSON document.
     */
    public static Answer post(
            final ProcessIdentity process, final String url, final String path, final String token, final String body) {
        return ask(process, url, path, token, body.getBytes(StandardCharsets.UTF_8));
    }

    private static Answer ask(
            final ProcessIdentity process,
            final String url,
            final String path,
            final String token,
            final byte[] request) {
        final URI uri = URI.create(url).resolve(path);
        try {
            final HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(CONNECT_LIMIT_MS);
            connection.setReadTimeout(READ_LIMIT_MS);
            if (token != null) {
                connection.setRequestProperty("Authorization", "Bearer " + token);
            }
            if (request != null) {
                connection.setRequestMethod("POST");
                connection.setRequestProperty("Content-Type", "application/json");
                connection.setDoOutput(true);
                connection.getOutputStream().write(request);
            }
            final int code = connection.getResponseCode();
            try (InputStream body = code < HttpURLConnection.HTTP_BAD_REQUEST
                    ? connection.getInputStream()
                    : connection.getErrorStream()) {
                final byte[] bytes = body == null ? new byte[0] : body.readNBytes(MAX_BODY_BYTES);
                return new Answer(code, new String(bytes, StandardCharsets.UTF_8));
            }
        } catch (final IOException e) {
            throw new CommandException(
                    "process " + process.pid() + " does not answer at " + uri + " (" + e.getMessage()
                            + "): try again, or look into its log",
                    e);
        }
    }
}
