package dev.firn.walquorum.pgwire.conninfo;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;

/** The URI form: {@code postgresql://user:password@host1:port1,host2/dbname?keyword=value}. */
final class UriText {
    private static final String[] PREFIXES = {"postgresql://", "postgres://"};

    private final String text;
    private final Map<Keyword, String> values = new EnumMap<>(Keyword.class);

    private UriText(final String text) {
        this.text = text;
    }

    static boolean isOne(final String text) {
        return prefixLength(text) > 0;
    }

    static Map<Keyword, String> parse(final String text) {
        return new UriText(text.substring(prefixLength(text))).parse();
    }

    private static int prefixLength(final String text) {
        for (final String prefix : PREFIXES) {
            if (text.startsWith(prefix)) {
                return prefix.length();
            }
        }
        return 0;
    }

    private Map<Keyword, String> parse() {
        final int query = text.indexOf('?');
        final String path = query < 0 ? text : text.substring(0, query);
        // As libpq has it: the first @ before a slash ends the credentials.
        final int firstSlash = path.indexOf('/');
        final int at = path.indexOf('@');
        final boolean withCredentials = at >= 0 && (firstSlash < 0 || at < firstSlash);
        if (withCredentials) {
            credentials(path.substring(0, at));
        }
        final String rest = withCredentials ? path.substring(at + 1) : path;
        final int slash = rest.indexOf('/');
        hosts(slash < 0 ? rest : rest.substring(0, slash));
        if (slash >= 0) {
            put(Keyword.DBNAME, rest.substring(slash + 1));
        }
        if (query >= 0) {
            parameters(text.substring(query + 1));
        }
        return values;
    }

    private void credentials(final String part) {
        final int colon = part.indexOf(':');
        put(Keyword.USER, colon < 0 ? part : part.substring(0, colon));
        if (colon >= 0) {
            put(Keyword.PASSWORD, part.substring(colon + 1));
        }
    }

    private void hosts(final String part) {
        final StringBuilder hosts = new StringBuilder();
        final StringBuilder ports = new StringBuilder();
        boolean first = true;
        for (final String host : part.split(",", -1)) {
            if (!first) {
                hosts.append(',');
                ports.append(',');
            }
            first = false;
            host(host, hosts, ports);
        }
        put(Keyword.HOST, hosts.toString());
        if (ports.chars().anyMatch(c -> c != ',')) {
            put(Keyword.PORT, ports.toString());
        }
    }

    private static void host(final String part, final StringBuilder hosts, final StringBuilder ports) {
        int nameEnd = part.indexOf(':');
        int portBegin = nameEnd;
        String name = nameEnd < 0 ? part : part.substring(0, nameEnd);
        if (part.startsWith("[")) {
            nameEnd = part.indexOf(']');
            if (nameEnd < 2) {
                throw new ConnInfoException(
                        "the connection URI has a [ without an IPv6 address and a ] behind: write [::1]:5432");
            }
            name = part.substring(1, nameEnd);
            portBegin = nameEnd + 1 == part.length() ? -1 : nameEnd + 1;
            if (portBegin > 0 && part.charAt(portBegin) != ':') {
                throw new ConnInfoException(
                        "the connection URI has something else than a colon behind a ]: write [::1]:5432");
            }
        }
        hosts.append(name);
        if (portBegin >= 0) {
            ports.append(part, portBegin + 1, part.length());
        }
    }

    private void parameters(final String part) {
        for (final String parameter : part.split("&", -1)) {
            if (parameter.isEmpty()) {
                continue;
            }
            final int equals = parameter.indexOf('=');
            if (equals < 0 || parameter.indexOf('=', equals + 1) >= 0) {
                throw new ConnInfoException("the connection URI has a parameter behind the ? that is not"
                        + " keyword=value: other = and & are written %3D and %26");
            }
            final String name = decode(parameter.substring(0, equals));
            final String value = decode(parameter.substring(equals + 1));
            // For the sake of JDBC's URLs, as libpq does.
            if ("ssl".equals(name) && "true".equals(value)) {
                values.put(Keyword.SSLMODE, SslMode.REQUIRE.toString());
            } else {
                ConnInfoText.put(values, name, value);
            }
        }
    }

    private void put(final Keyword keyword, final String encoded) {
        if (!encoded.isEmpty()) {
            values.put(keyword, decode(encoded));
        }
    }

    private static String decode(final String encoded) {
        if (encoded.indexOf('%') < 0) {
            return encoded;
        }
        final byte[] bytes = encoded.getBytes(StandardCharsets.UTF_8);
        final ByteArrayOutputStream decoded = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '%') {
                decoded.write(bytes[i]);
                continue;
            }
            if (i + 2 >= bytes.length || !HexFormat.isHexDigit(bytes[i + 1]) || !HexFormat.isHexDigit(bytes[i + 2])) {
                throw new ConnInfoException(
                        "the connection URI has a % without two hexadecimal digits behind: a % itself is written %25");
            }
            final int value = HexFormat.fromHexDigit(bytes[i + 1]) << 4 | HexFormat.fromHexDigit(bytes[i + 2]);
            if (value == 0) {
                throw new ConnInfoException("the connection URI has a %00, which no value can hold");
            }
            decoded.write(value);
            i += 2;
        }
        return decoded.toString(StandardCharsets.UTF_8);
    }
}
