package dev.firn.server.pages;

import dev.firn.s3tier.location.StoreLocation;
import dev.firn.server.home.StorageOpener;
import dev.firn.server.quorum.NodeNetwork;
import java.nio.file.Path;

/**
 * What a page server is made of.
 *
 * @param store where timelines, their base backups, their archive and their layers are.
 * @param directory the role's own, where its block cache is.
 */
public record PageServerSetup(
        NodeNetwork network, StoreLocation store, PageServerSizes sizes, Path directory, StorageOpener opener) {
    /** How large the block cache may be; 0 for none. */
    long cacheBytes() {
        return sizes.cacheBytes();
    }
}
