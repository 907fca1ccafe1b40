package dev.firn.s3tier.location;

import java.nio.file.Path;
import java.util.Map;

/** Where an object store is: what a store URL says. */
public sealed interface StoreLocation {
    /** A local directory: {@code file:///path}, or a plain path. */
    record DirectoryLocation(Path directory) implements StoreLocation {}

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
    }
}
