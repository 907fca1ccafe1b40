package dev.firn.s3tier.location;

import dev.firn.s3tier.location.StoreLocation.DirectoryLocation;
import dev.firn.s3tier.store.ObjectKeys;
import java.nio.file.Path;

/** Which directory store a file belongs to. */
final class DirectoryAddress {
    private DirectoryAddress() {}

    static ObjectAddress of(final Path file) {
        final Path parent = file.getParent();
        return new ObjectAddress(
                new DirectoryLocation(parent),
                ObjectKeys.requireValid(file.getFileName().toString()));
    }
}
