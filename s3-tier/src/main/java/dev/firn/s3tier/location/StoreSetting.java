package dev.firn.s3tier.location;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a bucket's URL may say behind its question mark. None of it is a secret. */
public enum StoreSetting {
    /** {@code https://host:port}; without it, Amazon's address of the region. */
    ENDPOINT("endpoint") {
        @Override
        String checked(final String value) {
            return server(this, value);
        }
    },
    /** What requests are signed for. */
    REGION("region") {
        @Override
        String checked(final String value) {
            return word(this, value, "[A-Za-z0-9-]{1,64}", "a region, such as eu-central-1");
        }
    },
    /** Whether the bucket stands in the path or in the host's name: {@code path} or {@code virtual}. */
    STYLE("style") {
        @Override
        String checked(final String value) {
            return oneOf(this, value, "path", "virtual");
        }
    },
    /** A PEM file with the authorities to trust in place of the host's. */
    CA("ca") {
        @Override
        String checked(final String value) {
            return Path.of(value).toAbsolutePath().normalize().toString();
        }
    },
    /** The profile of {@code ~/.aws/config} and {@code ~/.aws/credentials} whose credentials are used. */
    PROFILE("profile") {
        @Override
        String checked(final String value) {
            return word(this, value, "[^\\[\\]\\p{Cntrl}]{1,128}", "the name of a profile");
        }
    },
    /** Whether requests are not signed at all: for a bucket that everyone may read. */
    ANONYMOUS("anonymous") {
        @Override
        String checked(final String value) {
            return oneOf(this, value, "true", "false");
        }
    },
    /** {@code http://host:port} of the proxy that requests go through, or {@code none}; else what the environment says. */
    PROXY("proxy") {
        @Override
        String checked(final String value) {
            return value.equals("none") ? value : server(this, value);
        }
    },
    /** Which checksum the store is made to check: {@code crc32c}, {@code crc64nvme}, {@code md5}, or {@code none}. */
    CHECKSUM("checksum") {
        @Override
        String checked(final String value) {
            return oneOf(this, value, "crc32c", "crc64nvme", "md5", "none");
        }
    },
    /** Whether a certificate that nobody vouches for is good enough: for a test, never for data. */
    INSECURE("insecure") {
        @Override
        String checked(final String value) {
            return oneOf(this, value, "true", "false");
        }
    };

    private static final int MAX_PORT = 65_535;

    private final String parameter;

    StoreSetting(final String parameter) {
        this.parameter = parameter;
    }

    /** Its name in a URL. */
    public String parameter() {
        return parameter;
    }

    /** The value as it is kept, in one spelling. */
    abstract String checked(String value);

    static Optional<StoreSetting> named(final String parameter) {
        return Arrays.stream(values())
                .filter(setting -> setting.parameter.equals(parameter))
                .findFirst();
    }

    static String all() {
        return Arrays.stream(values()).map(StoreSetting::parameter).collect(Collectors.joining(", "));
    }

    private static String word(
            final StoreSetting setting, final String value, final String pattern, final String what) {
        if (!value.matches(pattern)) {
            throw new IllegalArgumentException(setting.parameter + "=" + value + " is not " + what);
        }
        return value;
    }

    private static String oneOf(final StoreSetting setting, final String value, final String... choices) {
        final String lower = value.toLowerCase(Locale.ROOT);
        if (!List.of(choices).contains(lower)) {
            throw new IllegalArgumentException(
                    setting.parameter + "=" + value + " is none of " + String.join(", ", choices));
        }
        return lower;
    }

    /** Scheme, host and port, and nothing else. A user or a password is refused before it can get into a message. */
    private static String server(final StoreSetting setting, final String value) {
        if (value.contains("@")) {
            throw new IllegalArgumentException(
                    setting.parameter + " has a user or a password in it: " + StoreUrl.WHERE_SECRETS_GO);
        }
        final URI uri;
        try {
            uri = new URI(value);
        } catch (final URISyntaxException e) {
            throw notAServer(setting, value, e);
        }
        final String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        final boolean bare = uri.getQuery() == null
                && uri.getFragment() == null
                && (uri.getPath() == null
                        || uri.getPath().isEmpty()
                        || uri.getPath().equals("/"));
        if (!(scheme.equals("http") || scheme.equals("https"))
                || uri.getHost() == null
                || uri.getPort() > MAX_PORT
                || uri.getPort() == 0
                || !bare) {
            throw notAServer(setting, value, null);
        }
        return scheme + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
    }

    private static IllegalArgumentException notAServer(
            final StoreSetting setting, final String value, final Exception cause) {
        return new IllegalArgumentException(
                setting.parameter + "=" + value + " is not of the form https://host:port (or http://)", cause);
    }
}
