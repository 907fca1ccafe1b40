package dev.firn.s3tier.store;

import java.util.List;

/** One page of a list. */
public sealed interface ListOutcome extends StoreOutcome permits ListOutcome.Listed, Failed {
    /**
     * @param objects in the order of their keys' UTF-8 bytes.
     * @param commonPrefixes what the delimiter folded together, in the same order.
     * @param nextToken where the next page begins, or null when this was the last.
     */
    record Listed(List<ListedObject> objects, List<String> commonPrefixes, String nextToken) implements ListOutcome {
        public Listed {
            objects = List.copyOf(objects);
            commonPrefixes = List.copyOf(commonPrefixes);
        }
    }

    /** @param etag as in {@link ObjectVersion#etag()}. */
    record ListedObject(String key, long lengthBytes, long lastModifiedEpochMs, String etag) {}
}
