package dev.firn.s3tier.location;

/**
 * Where one object is: a store, and a key in it. The store of an S3 address is the whole bucket; that of a file is the
 * directory store that the file lies in.
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
}
