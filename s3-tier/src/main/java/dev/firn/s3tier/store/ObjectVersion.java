package dev.firn.s3tier.store;

import java.util.Objects;

/**
 * Which version of an object: what the store calls it, and what the writer called it.
 *
 * @param etag the store's name for the content, as it stands in the header, quotes included; empty for a version that was
 *     {@link #replaced} before the store said its name.
 * @param stamp the names of the writes that led here; {@link WriteStamp#NONE} for an object that something else wrote, and
 *     for one that comes from a list.
 */
public record ObjectVersion(String etag, WriteStamp stamp) {
    public ObjectVersion {
        Objects.requireNonNull(etag, "etag");
        Objects.requireNonNull(stamp, "stamp");
    }

    /**
     * A version that is not there any more, and whose etag nobody knows. A write that expects it is answered
     * {@link PutOutcome.PreconditionFailed}, a read {@link GetOutcome.VersionChanged}, without asking the store.
     */
    public static ObjectVersion replaced(final WriteStamp stamp) {
        return new ObjectVersion("", stamp);
    }

    public boolean isReplaced() {
        return etag.isEmpty();
    }
}
