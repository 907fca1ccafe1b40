package dev.firn.s3tier.location;

/**
 * Where one object is: a store, and a key in it. The store of an S3 address is the whole bucket; that of a file is the
 * nearest directory above it that is a store, or else the one that it lies in.
 */
public record ObjectAddress(StoreLocation store, String key) {
    /**
     * Reads an object's URL, spelled as a store's.
     *
     * @throws IllegalArgumentException as {@link StoreLocation#parse}, and when it names no object.
     */
    public static ObjectAddress parse(final String url) {
        return StoreUrl.parseObject(url);
    }

    /**
     * Reads the URL of a store or of a prefix in one: the key is that prefix, empty or ending with a slash.
     *
     * @throws IllegalArgumentException as {@link StoreLocation#parse}.
     */
    public static ObjectAddress parsePrefix(final String url) {
        return StoreUrl.parsePrefix(url);
    }
}
