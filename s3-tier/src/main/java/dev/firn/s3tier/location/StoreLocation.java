package dev.firn.s3tier.location;

import java.nio.file.Path;
import java.util.Map;

/** Where an object store is: what a store URL says. {@code toString} gives a URL that {@link #parse} reads back. */
public sealed interface StoreLocation {
    /**
     * Reads a store URL: {@code s3://bucket/prefix?setting=value&…} with the settings of {@link StoreSetting},
     * {@code file:///path}, or a plain path. In URLs, {@code %} and two digits stand for a byte; {@code +} is a plus.
     *
     * @throws IllegalArgumentException when it is none; says what is wrong in one sentence, and repeats no secret.
     */
    static StoreLocation parse(final String url) {
        return StoreUrl.parse(url);
    }

    /** A local directory: {@code file:///path}, or a plain path. */
    record DirectoryLocation(Path directory) implements StoreLocation {
        @Override
        public String toString() {
            return StoreUrl.print(this);
        }
    }

    /**
     * A bucket, or a prefix in one: {@code s3://bucket/prefix?endpoint=https://host:port&region=eu-1&style=path}.
     *
     * @param prefix what every key begins with; empty, or ending with a slash.
     * @param settings endpoint, region, style, ca, profile, proxy, checksum and so on, by name, as the URL gives them. Never a secret.
     */
    record BucketLocation(String bucket, String prefix, Map<String, String> settings) implements StoreLocation {
        public BucketLocation {
            settings = Map.copyOf(settings);
        }

        /** What the URL says of this, or null. */
        public String setting(final StoreSetting setting) {
            return settings.get(setting.parameter());
        }

        @Override
        public String toString() {
            return StoreUrl.print(this);
        }
    }
}
