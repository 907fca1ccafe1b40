package dev.firn.s3tier.location;

import dev.firn.s3tier.location.StoreLocation.BucketLocation;
import dev.firn.s3tier.location.StoreLocation.DirectoryLocation;
import dev.firn.s3tier.store.ObjectKeys;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The spelling of store URLs. */
final class StoreUrl {
    static final String WHERE_SECRETS_GO =
            "a store URL holds no credentials; put them into the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,"
                    + " AWS_SESSION_TOKEN), or into a profile of ~/.aws/credentials that profile=NAME names";

    private static final String FORMS = "s3://bucket/prefix, file:///path, or a path";
    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):(//)?(.*)", Pattern.DOTALL);

    /** Amazon's rule is narrower (3 to 63 of lower case, digits, dots, hyphens); other stores allow what they always did. */
    private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]");

    /** Parts of parameter names that people give secrets under; compared without case, dots, hyphens and underscores. */
    private static final List<String> SECRET_NAMES = List.of(
            "secret", "accesskey", "apikey", "password", "passwd", "token", "credential", "signature", "user", "login");

    private static final List<String> SHORT_SECRET_NAMES = List.of("key", "pass", "pwd", "sig", "auth");

    private StoreUrl() {}

    static StoreLocation parse(final String url) {
        final Parts parts = split(url);
        if (parts.bucket == null) {
            return new DirectoryLocation(DirectoryAddress.normal(parts.path));
        }
        return new BucketLocation(parts.bucket, prefix(parts.path), parts.settings);
    }

    static ObjectAddress parsePrefix(final String url) {
        final Parts parts = split(url);
        if (parts.bucket == null) {
            return DirectoryAddress.ofPrefix(parts.path);
        }
        return new ObjectAddress(new BucketLocation(parts.bucket, "", parts.settings), prefix(parts.path));
    }

    private static String prefix(final String path) {
        final String prefix = path.isEmpty() || path.endsWith("/") ? path : path + "/";
        if (!prefix.isEmpty()) {
            // Some key must fit behind it.
            ObjectKeys.requireValid(prefix + "k");
        }
        return prefix;
    }

    static ObjectAddress parseObject(final String url) {
        final Parts parts = split(url);
        if (parts.path.isEmpty() || parts.path.endsWith("/")) {
            throw new IllegalArgumentException("this names no object: put the object's key behind the last slash");
        }
        if (parts.bucket == null) {
            return DirectoryAddress.ofObject(parts.path);
        }
        return new ObjectAddress(
                new BucketLocation(parts.bucket, "", parts.settings), ObjectKeys.requireValid(parts.path));
    }

    static String print(final DirectoryLocation location) {
        return "file://" + encode(location.directory().toString(), "%?");
    }

    static String print(final BucketLocation location) {
        final StringJoiner settings = new StringJoiner("&", "?", "");
        settings.setEmptyValue("");
        for (final StoreSetting setting : StoreSetting.values()) {
            final String value = location.setting(setting);
            if (value != null) {
                settings.add(setting.parameter() + "=" + encode(value, "%&"));
            }
        }
        return "s3://" + location.bucket() + "/" + encode(location.prefix(), "%?") + settings;
    }

    /** @param bucket null for a directory. */
    private record Parts(String bucket, String path, Map<String, String> settings) {}

    private static Parts split(final String url) {
        if (url.isEmpty()) {
            throw new IllegalArgumentException("a store URL is not empty: it is " + FORMS);
        }
        final Matcher matcher = SCHEME.matcher(url);
        if (!matcher.matches() || (matcher.group(2) == null && !matcher.group(1).equalsIgnoreCase("file"))) {
            return new Parts(null, url, Map.of());
        }
        final String scheme = matcher.group(1).toLowerCase(Locale.ROOT);
        final String rest = matcher.group(3);
        return switch (scheme) {
            case "s3" -> splitBucket(rest);
            case "file" -> splitFile(matcher.group(2) != null, rest);
            case "s3a", "s3n" ->
                throw new IllegalArgumentException("the scheme " + scheme + " is Hadoop's: write s3://");
            case "http", "https" ->
                throw new IllegalArgumentException("a store URL begins with s3://, and names its server as a setting:"
                        + " s3://bucket/prefix?endpoint=" + scheme + "://host:port");
            default ->
                throw new IllegalArgumentException(
                        "there is no store for the scheme " + scheme + ": a store URL is " + FORMS);
        };
    }

    private static Parts splitBucket(final String rest) {
        final int question = rest.indexOf('?');
        final String place = question < 0 ? rest : rest.substring(0, question);
        final int slash = place.indexOf('/');
        final String bucket = slash < 0 ? place : place.substring(0, slash);
        if (bucket.contains("@")) {
            throw new IllegalArgumentException("a user or a password stands before the bucket: " + WHERE_SECRETS_GO);
        }
        final Map<String, String> settings = question < 0 ? Map.of() : settings(rest.substring(question + 1));
        if (bucket.isEmpty()) {
            throw new IllegalArgumentException("the bucket is missing: s3://bucket/prefix");
        }
        if (bucket.contains(":")) {
            throw new IllegalArgumentException(bucket
                    + " is no bucket: name the server as a setting, s3://bucket/prefix?endpoint=https://host:port");
        }
        if (!BUCKET.matcher(bucket).matches()) {
            throw new IllegalArgumentException(
                    bucket + " is no bucket's name: 3 to 255 letters, digits, dots, hyphens and underscores");
        }
        return new Parts(bucket, slash < 0 ? "" : decode(place.substring(slash + 1)), settings);
    }

    private static Parts splitFile(final boolean authority, final String rest) {
        if (rest.indexOf('?') >= 0) {
            throw new IllegalArgumentException(
                    "a directory has no settings: in a file URL, %3F stands for a question mark of the path");
        }
        if (!rest.startsWith("/")) {
            throw new IllegalArgumentException("a file URL names no host and an absolute path: file:///path"
                    + (authority ? "" : ", or a path without file:"));
        }
        return new Parts(null, decode(rest), Map.of());
    }

    private static Map<String, String> settings(final String query) {
        final Map<String, String> settings = new LinkedHashMap<>();
        for (final String pair : query.split("&", -1)) {
            final int equals = pair.indexOf('=');
            final String name = decode(equals < 0 ? pair : pair.substring(0, equals));
            refuseSecret(name);
            final StoreSetting setting = StoreSetting.named(name)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "\"" + name + "\" is no setting of a store URL: there are " + StoreSetting.all()));
            if (equals < 0 || equals == pair.length() - 1) {
                throw new IllegalArgumentException("the setting " + name + " has no value: " + name + "=…");
            }
            if (settings.put(name, setting.checked(decode(pair.substring(equals + 1)))) != null) {
                throw new IllegalArgumentException("the setting " + name + " stands in the URL twice");
            }
        }
        return settings;
    }

    private static void refuseSecret(final String name) {
        final String plain = name.toLowerCase(Locale.ROOT).replaceAll("[._-]", "");
        if (SHORT_SECRET_NAMES.contains(plain) || SECRET_NAMES.stream().anyMatch(plain::contains)) {
            throw new IllegalArgumentException("the setting \"" + name + "\" would be a secret: " + WHERE_SECRETS_GO);
        }
    }

    private static String decode(final String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        int at = 0;
        while (at < text.length()) {
            final int percent = text.indexOf('%', at);
            final int end = percent < 0 ? text.length() : percent;
            bytes.writeBytes(text.substring(at, end).getBytes(StandardCharsets.UTF_8));
            if (percent < 0) {
                break;
            }
            bytes.write(escaped(text, percent));
            at = percent + 3;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (final CharacterCodingException e) {
            throw new IllegalArgumentException("what the URL's % signs stand for is not UTF-8", e);
        }
    }

    private static int escaped(final String text, final int percent) {
        final int high = percent + 2 < text.length() ? Character.digit(text.charAt(percent + 1), 16) : -1;
        final int low = percent + 2 < text.length() ? Character.digit(text.charAt(percent + 2), 16) : -1;
        if (high < 0 || low < 0) {
            throw new IllegalArgumentException(
                    "a % in a URL is followed by two hexadecimal digits: %25 stands for the sign itself");
        }
        return high << 4 | low;
    }

    /** Escapes control characters and spaces, so that the URL is one word, and what has a meaning of its own where it stands. */
    private static String encode(final String text, final String special) {
        final StringBuilder encoded = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            final char c = text.charAt(i);
            if (c <= ' ' || c == '\u007f' || special.indexOf(c) >= 0) {
                encoded.append(String.format(Locale.ROOT, "%%%02X", (int) c));
            } else {
                encoded.append(c);
            }
        }
        return encoded.toString();
    }
}
