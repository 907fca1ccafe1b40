package dev.firn.s3tier.s3server;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** The head of a request or of an answer, byte for byte as it came, but for the headers that are taken away (RFC 9112). */
final class HttpHead {
    private static final int MAX_BYTES = 256 << 10;

    private final String startLine;
    private final List<Header> headers;

    /** One line of it. */
    private record Header(String name, String value) {
        boolean isNamed(final String other) {
            return name.equalsIgnoreCase(other);
        }
    }

    private HttpHead(final String startLine, final List<Header> headers) {
        this.startLine = startLine;
        this.headers = headers;
    }

    /** Reads one; null when the connection ends before its first byte. */
    static HttpHead read(final InputStream in) throws IOException {
        final int[] left = {MAX_BYTES};
        String line = readLine(in, left);
        while (line != null && line.isEmpty()) {
            line = readLine(in, left);
        }
        if (line == null) {
            return null;
        }
        final HttpHead head = new HttpHead(line, new ArrayList<>());
        for (line = readLine(in, left); line == null || !line.isEmpty(); line = readLine(in, left)) {
            final int colon = line == null ? -1 : line.indexOf(':');
            if (colon < 0) {
                throw new EOFException("an HTTP head breaks off after " + head.startLine);
            }
            head.headers.add(new Header(
                    line.substring(0, colon), line.substring(colon + 1).strip()));
        }
        return head;
    }

    static HttpHead answer(final int status, final String reason) {
        return new HttpHead("HTTP/1.1 " + status + " " + reason, new ArrayList<>());
    }

    static String readLine(final InputStream in, final int[] left) throws IOException {
        final ByteArrayOutputStream line = new ByteArrayOutputStream(128);
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                if (line.size() == 0) {
                    return null;
                }
                throw new EOFException("an HTTP line breaks off");
            }
            if (left[0]-- == 0) {
                throw new IOException("an HTTP head of more than " + MAX_BYTES + " bytes");
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    void writeTo(final OutputStream out) throws IOException {
        final StringBuilder text = new StringBuilder(startLine).append("\r\n");
        for (final Header header : headers) {
            text.append(header.name).append(": ").append(header.value).append("\r\n");
        }
        out.write(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    HttpHead copy() {
        return new HttpHead(startLine, new ArrayList<>(headers));
    }

    String method() {
        return startLine.substring(0, startLine.indexOf(' '));
    }

    /** As it stands on the wire: percent-encoded. */
    String target() {
        return startLine.substring(startLine.indexOf(' ') + 1, startLine.lastIndexOf(' '));
    }

    String path() {
        final String target = target();
        final int question = target.indexOf('?');
        return question < 0 ? target : target.substring(0, question);
    }

    /** The same for another path and query. */
    HttpHead withTarget(final String target) {
        final String changed = startLine.substring(0, startLine.indexOf(' ') + 1)
                + target
                + startLine.substring(startLine.lastIndexOf(' '));
        return new HttpHead(changed, new ArrayList<>(headers));
    }

    /** A parameter of the query as it stands on the wire; null when there is none. */
    String parameter(final String name) {
        final String target = target();
        for (final String parameter : target.substring(target.indexOf('?') + 1).split("&", -1)) {
            if (parameter.startsWith(name + "=")) {
                return parameter.substring(name.length() + 1);
            }
        }
        return null;
    }

    /** Whether the query has this parameter, with a value or without. */
    boolean asks(final String parameter) {
        final String target = target();
        final int question = target.indexOf('?');
        return question >= 0
                && ("&" + target.substring(question + 1).replace('=', '&') + "&").contains("&" + parameter + "&");
    }

    int status() {
        final int blank = startLine.indexOf(' ');
        return Integer.parseInt(startLine.substring(blank + 1, blank + 4));
    }

    /** Null when there is none. */
    String header(final String name) {
        for (final Header header : headers) {
            if (header.isNamed(name)) {
                return header.value;
            }
        }
        return null;
    }

    boolean has(final String name) {
        return header(name) != null;
    }

    boolean saysOf(final String name, final String word) {
        final String value = header(name);
        return value != null && value.toLowerCase(Locale.ROOT).contains(word);
    }

    HttpHead with(final String name, final String value) {
        without(name::equalsIgnoreCase);
        headers.add(new Header(name, value));
        return this;
    }

    HttpHead without(final Predicate<String> names) {
        headers.removeIf(header -> names.test(header.name));
        return this;
    }

    @Override
    public String toString() {
        return startLine;
    }
}
