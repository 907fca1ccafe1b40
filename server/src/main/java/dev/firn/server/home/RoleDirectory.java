package dev.firn.server.home;

import dev.firn.nativeio.storage.DirectoryLock;
import dev.firn.nativeio.storage.DirectoryLockedException;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.server.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The directory of one role that this process holds: locked, in a known format, and this role's own. */
public final class RoleDirectory implements AutoCloseable {
    private static final String ELSEWHERE = "name another directory in the configuration";

    private final Path path;
    private final Storage storage;
    private final DirectoryLock lock;

    private RoleDirectory(final Path path, final Storage storage, final DirectoryLock lock) {
        this.path = path;
        this.storage = storage;
        this.lock = lock;
    }

    /**
     * Creates the directory when it is missing, locks it, and checks whose it is and in which format, or writes both down.
     * Nothing is written into a directory that is neither empty nor this role's.
     */
    public static RoleDirectory open(final Path directory, final RoleIdentity identity, final StorageOpener opener) {
        final Path path = directory.toAbsolutePath().normalize();
        if (!Files.isDirectory(path)) {
            PrivateText.createFolder(path);
        }
        Storage storage = null;
        DirectoryLock lock = null;
        boolean opened = false;
        try {
            requireOurs(path);
            storage = opener.open(path);
            lock = storage.lock("");
            check(path, storage, identity);
            opened = true;
            return new RoleDirectory(path, storage, lock);
        } catch (final DirectoryLockedException e) {
            throw new CommandException(lockedSentence(path), e);
        } catch (final StorageException e) {
            throw new CommandException("the directory " + path + " cannot be used: " + e.getMessage(), e);
        } finally {
            if (!opened && lock != null) {
                lock.close();
            }
            if (!opened && storage != null) {
                storage.close();
            }
        }
    }

    private static String lockedSentence(final Path path) {
        final String holder = RoleRecord.read(path)
                .filter(found -> found.process().alive())
                .map(found -> "process " + found.process().pid())
                .orElse("another process");
        return path + " is held by " + holder + ": stop it first, or " + ELSEWHERE;
    }

    private static void requireOurs(final Path path) {
        final List<String> entries;
        try (Stream<Path> stream = Files.list(path)) {
            entries =
                    stream.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (final IOException e) {
            throw new CommandException("the directory " + path + " cannot be read: " + e.getMessage(), e);
        }
        if (!entries.contains(FormatFile.NAME)) {
            entries.stream()
                    .filter(name -> !name.equals(Storage.LOCK_FILE)
                            && !name.equals(RoleIdentity.FILE_NAME)
                            && !isConfiguration(name)
                            && !DurableText.isTemporary(name))
                    .findFirst()
                    .ifPresent(name -> {
                        throw new CommandException(path + " holds " + name + " and no " + FormatFile.NAME
                                + ", so it is not a directory of firn: " + ELSEWHERE);
                    });
        }
    }

    /** A role's configuration may lie in its directory from before its first start. */
    private static boolean isConfiguration(final String name) {
        return (name.endsWith(".json") || name.endsWith(".conninfo")) && !name.equals(RoleRecord.FILE_NAME);
    }

    private static void check(final Path path, final Storage storage, final RoleIdentity identity) {
        if (storage.exists(FormatFile.NAME)) {
            FormatFile.check(path.toString(), DurableText.read(storage, FormatFile.NAME), ELSEWHERE);
            if (!storage.exists(RoleIdentity.FILE_NAME)) {
                throw new CommandException(path + " belongs to something else of firn, and not to the "
                        + identity.describe() + ": " + ELSEWHERE);
            }
            identity.check(path.toString(), DurableText.read(storage, RoleIdentity.FILE_NAME));
        } else {
            // The format comes last: with it the directory is whole.
            DurableText.replace(storage, RoleIdentity.FILE_NAME, identity.content());
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

    /** Makes the running process findable. */
    public void publish(final RoleRecord found) {
        DurableText.replace(storage, RoleRecord.FILE_NAME, found.toJson());
    }

    /** Takes the record away, when there is one. */
    public void withdraw() {
        if (storage.exists(RoleRecord.FILE_NAME)) {
            storage.deleteDurably(RoleRecord.FILE_NAME);
        }
    }

    @Override
    public void close() {
        lock.close();
        storage.close();
    }
}
