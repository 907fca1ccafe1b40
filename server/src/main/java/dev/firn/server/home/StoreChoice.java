package dev.firn.server.home;

import dev.firn.s3tier.location.ObjectStores;
import dev.firn.s3tier.location.StoreLocation;
import dev.firn.s3tier.location.StoreLocation.BucketLocation;
import dev.firn.s3tier.location.StoreLocation.DirectoryLocation;
import dev.firn.s3tier.location.StoreSetting;
import dev.firn.server.CommandException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Which object store belongs to a data directory: the one that it remembers, else the one that is asked for, else a folder of
 * its own. Asking for another than the remembered one is refused: the data would be missing there.
 */
public final class StoreChoice {
    private final DataDirectory directory;
    private final StoreLocation location;
    private final boolean own;
    private final String remembered;

    private StoreChoice(
            final DataDirectory directory, final StoreLocation location, final boolean own, final String remembered) {
        this.directory = directory;
        this.location = location;
        this.own = own;
        this.remembered = remembered;
    }

    /** Decides, and changes nothing. */
    public static StoreChoice of(final DataDirectory directory, final Optional<StoreLocation> asked) {
        final StoreLocation own = new DirectoryLocation(directory.path().resolve(StoreFile.OWN));
        final String remembered = directory.rememberedStore().orElse(null);
        final StoreLocation known = remembered == null ? null : locationOf(directory, remembered, own);
        final StoreLocation chosen = asked.orElse(known == null ? own : known);
        requireOutside(directory.path(), chosen);
        if (known != null && !samePlace(known, chosen)) {
            throw new CommandException(
                    directory.path() + " keeps its objects in " + known + ", and they would be missing in "
                            + chosen
                            + ": leave --store out, or choose another directory with --dir; when they have moved there,"
                            + " delete " + directory.path().resolve(StoreFile.NAME));
        }
        if (known != null && !ObjectStores.isMade(chosen)) {
            throw new CommandException(directory.path() + " keeps its objects in " + known
                    + ", and there is no store any more: bring it back, or choose another directory with --dir");
        }
        return new StoreChoice(directory, chosen, chosen.equals(own), remembered);
    }

    public StoreLocation location() {
        return location;
    }

    /** Makes the directory's own folder; any other place must be there. */
    public void prepare() {
        if (own) {
            directory.storage().createDirectories(StoreFile.OWN);
            directory.storage().syncDirectory("");
        }
    }

    /** Makes this the directory's store for good. */
    public void remember() {
        final String text = own ? StoreFile.OWN : location.toString();
        if (!text.equals(remembered)) {
            directory.rememberStore(text);
        }
    }

    private static StoreLocation locationOf(
            final DataDirectory directory, final String remembered, final StoreLocation own) {
        if (remembered.equals(StoreFile.OWN)) {
            return own;
        }
        try {
            return StoreLocation.parse(remembered);
        } catch (final IllegalArgumentException e) {
            throw new CommandException(
                    directory.path().resolve(StoreFile.NAME) + " names a store that this version of firn does not"
                            + " understand: " + e.getMessage(),
                    e);
        }
    }

    /** Credentials, proxies and the like may change; where the objects are may not. */
    private static boolean samePlace(final StoreLocation one, final StoreLocation other) {
        if (one instanceof BucketLocation first && other instanceof BucketLocation second) {
            return first.bucket().equals(second.bucket())
                    && first.prefix().equals(second.prefix())
                    && Objects.equals(first.setting(StoreSetting.ENDPOINT), second.setting(StoreSetting.ENDPOINT));
        }
        return one.equals(other);
    }

    /** Objects stand under their keys: beside Firn's own files they would be in each other's way. */
    private static void requireOutside(final Path path, final StoreLocation location) {
        if (location instanceof DirectoryLocation(Path store) && path.startsWith(store)) {
            throw new CommandException(
                    "the store " + store + " would hold the data directory " + path + ": choose another with --store");
        }
    }
}
