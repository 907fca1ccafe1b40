package dev.firn.s3tier.store;

import java.util.Objects;

/**
 * Which version of an object: what the store calls it, and what the writer called it.
 *
 * @param etag the store's name for the content, as it stands in the header, quotes included.
 * @param stamp the names of the writes that led here; {@link WriteStamp#NONE} for an object that something else wrote, and
 *     for one that comes from a list.
 */
public record ObjectVersion(String etag, WriteStamp stamp) {
    public ObjectVersion {
        Objects.requireNonNull(etag, "etag");
        Objects.requireNonNull(stamp, "stamp");
    }
}
