package dev.firn.s3tier.crt;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** An HTTP server on loopback that answers exactly what a test says, byte by byte, and remembers what it was asked. */
final class WireServer implements AutoCloseable {
    private final ServerSocket listener;
    private final String scheme;
    private final Handler handler;
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /** What to do with a request. */
    @FunctionalInterface
    interface Handler {
        Reply on(Seen request) throws IOException;
    }

    /** A request as it arrived: names of headers in lower case. */
    record Seen(String method, String target, Map<String, String> headers, byte[] body) {
        String header(final String name) {
            return headers.get(name.toLowerCase(Locale.ROOT));
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    /**
     * @param raw head and body as they are sent.
     * @param end what happens to the connection afterwards.
     */
    record Reply(byte[] raw, End end) {
        static Reply of(final int status, final Map<String, String> headers, final byte[] body) {
            return withLength(status, headers, body, body.length);
        }

        static Reply of(final int status, final String... headers) {
            return of(status, pairs(headers), new byte[0]);
        }

        static Reply xml(final int status, final String xml, final String... headers) {
            return of(status, pairs(headers), xml.getBytes(StandardCharsets.UTF_8));
        }

        /** Says one length, whatever is sent. */
        static Reply withLength(
                final int status, final Map<String, String> headers, final byte[] body, final long length) {
            final StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Told\r\n");
            headers.forEach((name, value) ->
                    head.append(name).append(": ").append(value).append("\r\n"));
            if (status != 204) {
                head.append("Content-Length: ").append(length).append("\r\n");
            }
            final ByteArrayOutputStream raw = new ByteArrayOutputStream();
            raw.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
            raw.writeBytes(body);
            return new Reply(raw.toByteArray(), End.KEEP);
        }

        Reply then(final End newEnd) {
            return new Reply(raw, newEnd);
        }

        static Map<String, String> pairs(final String... headers) {
            final Map<String, String> pairs = new LinkedHashMap<>();
            for (int i = 0; i < headers.length; i += 2) {
                pairs.put(headers[i], headers[i + 1]);
            }
            return pairs;
        }
    }

    enum End {
        KEEP,
        CLOSE,
        RESET
    }

    private WireServer(final ServerSocket listener, final String scheme, final Handler handler) {
        this.listener = listener;
        this.scheme = scheme;
        this.handler = handler;
        Thread.ofVirtual().start(this::accept);
    }

    static WireServer start(final Handler handler) throws IOException {
        return new WireServer(new ServerSocket(0, 128, InetAddress.getLoopbackAddress()), "http", handler);
    }

    static WireServer startOn(final ServerSocket listener, final String scheme, final Handler handler) {
        return new WireServer(listener, scheme, handler);
    }

    URI endpoint() {
        return URI.create(scheme + "://127.0.0.1:" + listener.getLocalPort());
    }

    int port() {
        return listener.getLocalPort();
    }

    List<Seen> seen() {
        return seen;
    }

    Seen only() {
        if (seen.size() != 1) {
            throw new AssertionError("not one request: " + seen);
        }
        return seen.getFirst();
    }

    int connections() {
        return open.size();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (final Socket socket : open) {
            socket.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                final Socket socket = listener.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (final IOException _) {
            // Closed: the test is over.
        }
    }

    private void serve(final Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            final InputStream in = new BufferedInputStream(socket.getInputStream());
            final OutputStream out = socket.getOutputStream();
            while (true) {
                final Seen request = read(in);
                if (request == null) {
                    return;
                }
                seen.add(request);
                final Reply reply = handler.on(request);
                out.write(reply.raw());
                out.flush();
                if (reply.end() == End.RESET) {
                    socket.setSoLinger(true, 0);
                }
                if (reply.end() != End.KEEP) {
                    return;
                }
            }
        } catch (final IOException _) {
            // The client, or the test, has closed the connection.
        } finally {
            open.remove(socket);
        }
    }

    private static Seen read(final InputStream in) throws IOException {
        final List<String> lines = new ArrayList<>();
        for (String line = readLine(in); line != null && !line.isEmpty(); line = readLine(in)) {
            lines.add(line);
        }
        if (lines.isEmpty()) {
            return null;
        }
        final String[] start = lines.getFirst().split(" ", 3);
        final Map<String, String> headers = new LinkedHashMap<>();
        for (final String line : lines.subList(1, lines.size())) {
            final int colon = line.indexOf(':');
            if (colon < 0) {
                throw new IOException("this is no HTTP: " + line);
            }
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        final int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        return new Seen(start[0], start[1], headers, in.readNBytes(length));
    }

    private static String readLine(final InputStream in) throws IOException {
        final ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                return null;
            }
            if (c != '\r') {
                line.write(c);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }
}
