package dev.firn.s3tier.crt;

import java.net.URI;

/** Where requests go: the host to connect to, and the path of the bucket and of each key. */
final class Addressing {
    private final CrtConfig config;
    private final URI connectTo;
    private final String hostHeader;
    private final String bucketPath;

    Addressing(final CrtConfig config) {
        this.config = config;
        final URI endpoint = config.endpoint() == null ? awsEndpoint(config.region()) : config.endpoint();
        final boolean virtual = config.style() == AddressingStyle.VIRTUAL_HOST;
        final String host = virtual ? config.bucket() + "." + endpoint.getHost() : endpoint.getHost();
        final String authority = endpoint.getPort() < 0 ? host : host + ":" + endpoint.getPort();
        this.connectTo = URI.create(endpoint.getScheme() + "://" + authority);
        this.hostHeader = isDefaultPort(endpoint) ? host : authority;
        this.bucketPath = virtual ? "" : "/" + config.bucket();
    }

    URI connectTo() {
        return connectTo;
    }

    boolean isTls() {
        return "https".equals(connectTo.getScheme());
    }

    /** The header as clients agree on it: without the port when it is the scheme's own. */
    String hostHeader() {
        return hostHeader;
    }

    String bucketPath() {
        return bucketPath.isEmpty() ? "/" : bucketPath;
    }

    String pathOf(final String key) {
        return bucketPath + "/" + PercentCoding.encodePath(config.prefix() + key);
    }

    String address() {
        return "s3://" + config.bucket() + "/" + config.prefix();
    }

    String addressOf(final String key) {
        return address() + key;
    }

    String prefix() {
        return config.prefix();
    }

    /** The key of an object of this bucket, as this store's callers know it. */
    String strip(final String bucketKey) throws MalformedAnswerException {
        if (!bucketKey.startsWith(config.prefix())) {
            throw new MalformedAnswerException(
                    "it names " + bucketKey + ", which does not begin with " + config.prefix());
        }
        return bucketKey.substring(config.prefix().length());
    }

    private static boolean isDefaultPort(final URI endpoint) {
        return endpoint.getPort() < 0 || endpoint.getPort() == ("https".equals(endpoint.getScheme()) ? 443 : 80);
    }

    private static URI awsEndpoint(final String region) {
        return URI.create("https://s3." + region + (region.startsWith("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com"));
    }
}
