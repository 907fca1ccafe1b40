package dev.firn.server.home;

import dev.firn.nativeio.storage.DirectoryLock;
import dev.firn.nativeio.storage.DirectoryLockedException;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.s3tier.location.StoreLocation;
import dev.firn.server.CommandException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** A data directory that this process holds: locked, in a known format. */
public final class DataDirectory implements AutoCloseable {
    /** Where commands look when no directory is named. */
    public static final String DEFAULT = "./firn-data";

    /** What a first start that ended early may have left before the version file stood. */
    private static final Set<String> BEFORE_VERSION_FILE = Set.of("log", Storage.LOCK_FILE, UpRecord.FILE_NAME);

    private static final String IDENTITY_ROLE = "up";

    private final Path path;
    private final Storage storage;
    private final DirectoryLock lock;

    private DataDirectory(final Path path, final Storage storage, final DirectoryLock lock) {
        this.path = path;
        this.storage = storage;
        this.lock = lock;
    }

    /** Creates the directory when it is missing, and refuses one that is not Firn's; writes nothing into it. */
    public static Path prepare(final Path directory) {
        final Path path = directory.toAbsolutePath().normalize();
        try {
            Files.createDirectories(path);
        } catch (final IOException e) {
            throw new CommandException(unusable(path, reason(e)), e);
        }
        final List<String> entries;
        try (Stream<Path> stream = Files.list(path)) {
            entries =
                    stream.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (final IOException e) {
            throw new CommandException(unusable(path, reason(e)), e);
        }
        if (!entries.contains(FormatFile.NAME)) {
            entries.stream()
                    .filter(name -> !BEFORE_VERSION_FILE.contains(name) && !DurableText.isTemporary(name))
                    .findFirst()
                    .ifPresent(name -> {
                        throw new CommandException(path + " holds " + name + " and no " + FormatFile.NAME
                                + ", so it is not a data directory of firn: choose an empty or a new one with --dir");
                    });
        }
        return path;
    }

    /** Prepares the directory, locks it, and checks its format or writes it down. */
    public static DataDirectory open(final Path directory, final StorageOpener opener) {
        final Path path = prepare(directory);
        Storage storage = null;
        try {
            storage = opener.open(path);
            final DataDirectory opened = new DataDirectory(path, storage, storage.lock(""));
            try {
                opened.checkFormat();
                return opened;
            } catch (final RuntimeException e) {
                opened.lock.close();
                throw e;
            }
        } catch (final RuntimeException e) {
            if (storage != null) {
                storage.close();
            }
            throw explained(path, e);
        }
    }

    /** The failure as a sentence that says what to do, when it is one that the user can act on. */
    public static RuntimeException explained(final Path path, final RuntimeException failure) {
        if (failure instanceof DirectoryLockedException) {
            return new CommandException(
                    "firn is up on " + path + " already: ./firn status --dir " + path
                            + " shows it, ./firn down stops it",
                    failure);
        }
        if (failure instanceof StorageException e) {
            final String reason = switch (e.errno()) {
                case Errno.ENOSPC, Errno.EDQUOT ->
                    "the disk is full: free some space, or choose another" + " directory with --dir";
                case Errno.EROFS -> "the file system is read-only: choose another directory with --dir";
                case Errno.EACCES, Errno.EPERM ->
                    "this user may not write there: change its owner, or choose" + " another directory with --dir";
                default -> "see what the kernel logged about its disk";
            };
            return new CommandException(unusable(path, e.getMessage() + "; " + reason), e);
        }
        return failure;
    }

    private void checkFormat() {
        if (storage.exists(FormatFile.NAME)) {
            FormatFile.check(
                    path.toString(), DurableText.read(storage, FormatFile.NAME), "choose another directory with --dir");
        } else {
            DurableText.replace(storage, FormatFile.NAME, FormatFile.content(FormatFile.CURRENT));
        }
    }

    public Path path() {
        return path;
    }

    /** Borrowed: closed with this directory. */
    public Storage storage() {
        return storage;
    }

    /** The cluster that the directory is, drawn at its first start. */
    public String cluster(final RandomGenerator random) {
        if (!storage.exists(RoleIdentity.FILE_NAME)) {
            final String drawn = "up-" + HexFormat.of().toHexDigits(random.nextLong());
            DurableText.replace(storage, RoleIdentity.FILE_NAME, new RoleIdentity(IDENTITY_ROLE, 0, drawn).content());
            return drawn;
        }
        final RoleIdentity found =
                RoleIdentity.decode(path.toString(), DurableText.read(storage, RoleIdentity.FILE_NAME));
        if (!found.role().equals(IDENTITY_ROLE)) {
            throw new CommandException(
                    path + " belongs to the " + found.describe() + ": choose another directory with --dir");
        }
        return found.cluster();
    }

    /** The store of a directory that another process may hold: what it remembers; empty when there is none yet. */
    public static Optional<StoreLocation> storeOf(final Path directory) {
        final Path path = directory.toAbsolutePath().normalize();
        return PrivateText.read(path.resolve(StoreFile.NAME))
                .map(text -> StoreFile.decode(path.toString(), text))
                .map(store -> store.equals(StoreFile.OWN)
                        ? new StoreLocation.DirectoryLocation(path.resolve(StoreFile.OWN))
                        : StoreLocation.parse(store));
    }

    /** The cluster of a directory that another process may hold; empty when there is none yet. */
    public static Optional<String> clusterOf(final Path directory) {
        final Path path = directory.toAbsolutePath().normalize();
        return PrivateText.read(path.resolve(RoleIdentity.FILE_NAME))
                .map(text -> RoleIdentity.decode(path.toString(), text).cluster());
    }

    /** What {@link #rememberStore} was given; empty before. */
    Optional<String> rememberedStore() {
        return storage.exists(StoreFile.NAME)
                ? Optional.of(StoreFile.decode(path.toString(), DurableText.read(storage, StoreFile.NAME)))
                : Optional.empty();
    }

    void rememberStore(final String store) {
        DurableText.replace(storage, StoreFile.NAME, StoreFile.content(store));
    }

    /** Makes the running process findable. */
    public void publish(final UpRecord upRecord) {
        DurableText.replace(storage, UpRecord.FILE_NAME, upRecord.toJson());
    }

    /** Takes the record away, when there is one. */
    public void withdraw() {
        if (storage.exists(UpRecord.FILE_NAME)) {
            storage.deleteDurably(UpRecord.FILE_NAME);
        }
    }

    @Override
    public void close() {
        lock.close();
        storage.close();
    }

    private static String unusable(final Path path, final String reason) {
        return "the data directory " + path + " cannot be used: " + reason;
    }

    private static String reason(final IOException e) {
        if (e instanceof AccessDeniedException) {
            return "this user may not write there: change its owner, or choose another directory with --dir";
        }
        if (e instanceof FileSystemException failure && failure.getReason() != null) {
            return failure.getFile() + ": " + failure.getReason() + ": choose another directory with --dir";
        }
        return e.getMessage() + " is in the way: choose another directory with --dir";
    }
}
