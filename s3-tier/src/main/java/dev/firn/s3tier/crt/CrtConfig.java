package dev.firn.s3tier.crt;

import dev.firn.s3tier.store.StoreLimits;
import java.net.URI;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Which bucket, where, and how it is spoken to. Begin with {@link #ofBucket}.
 *
 * @param prefix what every key begins with; empty, or ending with a slash.
 * @param endpoint scheme, host and port; null for AWS' own of the region.
 * @param caFile certificates in PEM that are trusted instead of the host's; null for the host's.
 * @param verifyTls false takes any certificate: for a test, and nothing else.
 * @param eventLoopThreads threads that move the bytes of all connections.
 */
public record CrtConfig(
        String bucket,
        String prefix,
        URI endpoint,
        String region,
        AddressingStyle style,
        CrtCredentials credentials,
        Path caFile,
        boolean verifyTls,
        CrtProxy proxy,
        BodyChecksum checksum,
        int eventLoopThreads,
        StoreLimits limits) {
    public static final String DEFAULT_REGION = "us-east-1";

    private static final int MAX_EVENT_LOOP_THREADS = 64;

    public CrtConfig {
        Objects.requireNonNull(region, "region");
        Objects.requireNonNull(style, "style");
        Objects.requireNonNull(credentials, "credentials");
        Objects.requireNonNull(proxy, "proxy");
        Objects.requireNonNull(checksum, "checksum");
        Objects.requireNonNull(limits, "limits");
        if (!bucket.matches("[A-Za-z0-9][A-Za-z0-9._-]{1,254}")) {
            throw new IllegalArgumentException("this is no bucket's name: " + bucket);
        }
        if (!region.matches("[A-Za-z0-9-]{1,64}")) {
            throw new IllegalArgumentException("this is no region's name: " + region);
        }
        if (!prefix.isEmpty() && !prefix.endsWith("/")) {
            throw new IllegalArgumentException("a prefix is empty or ends with a slash, not so: " + prefix);
        }
        if (endpoint != null) {
            requireEndpoint(endpoint);
        }
        if (eventLoopThreads < 1 || eventLoopThreads > MAX_EVENT_LOOP_THREADS) {
            throw new IllegalArgumentException(
                    "eventLoopThreads is 1 to " + MAX_EVENT_LOOP_THREADS + ", not " + eventLoopThreads);
        }
    }

    /** A bucket of AWS, with everything at its default. */
    public static Builder ofBucket(final String bucket) {
        return new Builder(bucket);
    }

    /** A loop moves gigabytes a second: a quarter of the processors, 2 to 8. */
    private static int defaultEventLoopThreads() {
        return Math.clamp(Runtime.getRuntime().availableProcessors() / 4, 2, 8);
    }

    private static void requireEndpoint(final URI endpoint) {
        final boolean http = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
        final String path = endpoint.getRawPath();
        if (!http
                || endpoint.getHost() == null
                || endpoint.getRawUserInfo() != null
                || endpoint.getRawQuery() != null
                || endpoint.getRawFragment() != null
                || !(path == null || path.isEmpty() || path.equals("/"))) {
            throw new IllegalArgumentException(
                    "an endpoint is http://host, https://host, or one of them with :port, and nothing behind it");
        }
    }

    /** Collects what differs from the defaults. Belongs to one thread. */
    public static final class Builder {
        private final String bucket;
        private String prefix = "";
        private URI endpoint;
        private String region = DEFAULT_REGION;
        private AddressingStyle style;
        private CrtCredentials credentials = CrtCredentials.CHAIN;
        private Path caFile;
        private boolean verifyTls = true;
        private CrtProxy proxy = CrtProxy.FROM_ENVIRONMENT;
        private BodyChecksum checksum = BodyChecksum.CRC32C;
        private int eventLoopThreads = defaultEventLoopThreads();
        private StoreLimits limits = StoreLimits.DEFAULT;

        private Builder(final String bucket) {
            this.bucket = Objects.requireNonNull(bucket, "bucket");
        }

        public Builder prefix(final String value) {
            prefix = Objects.requireNonNull(value, "prefix");
            return this;
        }

        public Builder endpoint(final URI value) {
            endpoint = value;
            return this;
        }

        public Builder region(final String value) {
            region = value;
            return this;
        }

        /** Without it: the path for an endpoint of one's own and for a bucket with a dot, the host for AWS. */
        public Builder style(final AddressingStyle value) {
            style = value;
            return this;
        }

        public Builder credentials(final CrtCredentials value) {
            credentials = value;
            return this;
        }

        public Builder caFile(final Path value) {
            caFile = value;
            return this;
        }

        public Builder verifyTls(final boolean value) {
            verifyTls = value;
            return this;
        }

        public Builder proxy(final CrtProxy value) {
            proxy = value;
            return this;
        }

        public Builder checksum(final BodyChecksum value) {
            checksum = value;
            return this;
        }

        public Builder eventLoopThreads(final int value) {
            eventLoopThreads = value;
            return this;
        }

        public Builder limits(final StoreLimits value) {
            limits = value;
            return this;
        }

        /** @throws IllegalArgumentException when something makes no sense; says what. */
        public CrtConfig build() {
            return new CrtConfig(
                    bucket,
                    prefix,
                    endpoint,
                    region,
                    style == null ? defaultStyle() : style,
                    credentials,
                    caFile,
                    verifyTls,
                    proxy,
                    checksum,
                    eventLoopThreads,
                    limits);
        }

        private AddressingStyle defaultStyle() {
            return endpoint == null && bucket.indexOf('.') < 0 ? AddressingStyle.VIRTUAL_HOST : AddressingStyle.PATH;
        }
    }
}
