package dev.firn.server.lake;

import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.location.StoreLocation;
import dev.firn.s3tier.location.StoreLocation.BucketLocation;
import dev.firn.s3tier.location.StoreLocation.DirectoryLocation;
import dev.firn.server.CommandException;
import dev.firn.server.store.ObjectDownload;
import dev.firn.server.store.StoreConnection;
import dev.firn.server.store.TransferProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.util.function.BooleanSupplier;

/** The files that a URL means, not opened yet. */
public final class ExportSources {
    private final StoreLocation location;

    private ExportSources(final StoreLocation location) {
        this.location = location;
    }

    /** @throws IllegalArgumentException when it is no URL of an export; says why in one sentence. */
    public static ExportSources parse(final String url) {
        return new ExportSources(StoreLocation.parse(url));
    }

    /** @param stop whether the user has asked to stop. */
    public ExportedFiles open(final TransferProgress progress, final Clock clock, final BooleanSupplier stop) {
        return switch (location) {
            case DirectoryLocation plain -> new DirectoryFiles(plain.directory());
            case BucketLocation bucket -> open(StoreConnection.openToRead(bucket, clock, stop), progress);
        };
    }

    private static ExportedFiles open(final StoreConnection connection, final TransferProgress progress) {
        try {
            return new BucketFiles(
                    connection,
                    new ObjectDownload(connection, SystemRandom.secure(), progress),
                    Files.createTempDirectory("firn-lake-verify-"));
        } catch (final IOException e) {
            connection.close();
            throw new CommandException("cannot make a folder for what is read from the bucket: " + e.getMessage(), e);
        }
    }
}
