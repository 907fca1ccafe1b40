package dev.firn.nvmecache.reader;

import dev.firn.nvmecache.ObjectId;
import dev.firn.nvmecache.TenantShares;
import dev.firn.s3tier.store.ObjectVersion;
import java.util.Objects;

/**
 * One immutable object that is read through the cache: made once when a file of it is opened, used for all of its reads.
 *
 * @param id what the cache knows it by.
 * @param key what the store knows it by.
 * @param version the version that the store must have, or null when the key is only ever written once.
 * @param lengthBytes how long it is.
 * @param tenant whose share of the cache it counts against.
 */
public record CachedObject(ObjectId id, String key, ObjectVersion version, long lengthBytes, int tenant) {
    public CachedObject {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(key, "key");
        if (lengthBytes < 0) {
            throw new IllegalArgumentException("object " + key + " has a length of " + lengthBytes + " bytes");
        }
        if (tenant < 0 || tenant >= TenantShares.MAX_TENANTS) {
            throw new IllegalArgumentException(
                    "tenant " + tenant + " is not within 0.." + (TenantShares.MAX_TENANTS - 1));
        }
    }
}
