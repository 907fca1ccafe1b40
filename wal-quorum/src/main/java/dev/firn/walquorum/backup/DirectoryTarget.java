package dev.firn.walquorum.backup;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A data directory, made from a backup as {@code pg_basebackup} makes one: with the rights and times that the files had, its
 * tablespaces linked from {@code pg_tblspc}. For one thread; writes block.
 *
 * <p>Where tablespaces go elsewhere than they were, {@code tablespace_map} is written anew: Postgres makes the links from it when it starts
 * from a backup.
 */
public final class DirectoryTarget implements BackupTarget, AutoCloseable {
    private static final String MAP = "tablespace_map";
    private static final String LINKS = "pg_tblspc";

    private final Path dataDirectory;
    private final Function<BackupArchive, Path> tablespaces;
    private final boolean durable;
    private final Map<BackupArchive, Path> roots = new HashMap<>();
    private FileChannel channel;
    private Path path;
    private BackupFile file;

    /**
     * @param dataDirectory is not there, or empty.
     * @param tablespaces where each tablespace goes: not there, or empty.
     * @param durable whether every file is synced.
     */
    public DirectoryTarget(
            final Path dataDirectory, final Function<BackupArchive, Path> tablespaces, final boolean durable) {
        this.dataDirectory = dataDirectory.toAbsolutePath();
        this.tablespaces = tablespaces;
        this.durable = durable;
    }

    private Path root(final BackupArchive archive) throws IOException {
        final Path known = roots.get(archive);
        if (known != null) {
            return known;
        }
        if (roots.isEmpty()) {
            makeEmpty(dataDirectory);
        }
        final Path root;
        if (archive.tablespaceOid() == 0) {
            root = dataDirectory;
        } else {
            root = tablespaces.apply(archive).toAbsolutePath();
            makeEmpty(root);
            Files.createDirectories(dataDirectory.resolve(LINKS));
            setRights(dataDirectory.resolve(LINKS), 0700);
            Files.createSymbolicLink(
                    dataDirectory.resolve(LINKS).resolve(Long.toString(archive.tablespaceOid())), root);
        }
        roots.put(archive, root);
        return root;
    }

    private static void makeEmpty(final Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            try (Stream<Path> found = Files.list(directory)) {
                if (found.findAny().isPresent()) {
                    throw new BackupException(directory + " is not empty: name another directory, or empty it");
                }
            }
        } else {
            Files.createDirectories(directory);
        }
        setRights(directory, 0700);
    }

    private static void setRights(final Path path, final int mode) throws IOException {
        final Set<PosixFilePermission> rights = EnumSet.noneOf(PosixFilePermission.class);
        final PosixFilePermission[] all = PosixFilePermission.values();
        for (int bit = 0; bit < all.length; bit++) {
            // The constants stand in the order of the bits, the owner's right to read first.
            if ((mode & (1 << (all.length - 1 - bit))) != 0) {
                rights.add(all[bit]);
            }
        }
        Files.setPosixFilePermissions(path, rights);
    }

    @Override
    public void directory(final BackupArchive archive, final BackupFile directory) throws IOException {
        final Path made = root(archive).resolve(directory.path());
        if (!Files.isDirectory(made)) {
            Files.createDirectory(made);
        }
        setRights(made, directory.mode());
    }

    @Override
    public void link(final BackupArchive archive, final BackupFile link) throws IOException {
        Files.createSymbolicLink(root(archive).resolve(link.path()), Path.of(link.linkTarget()));
    }

    @Override
    public void beginFile(final BackupArchive archive, final BackupFile begun) throws IOException {
        file = begun;
        path = root(archive).resolve(begun.path());
        channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        setRights(path, begun.mode());
    }

    @Override
    public void write(final MemorySegment bytes, final long offset, final long lengthBytes) throws IOException {
        final ByteBuffer buffer = bytes.asSlice(offset, lengthBytes).asByteBuffer();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    @Override
    public void endFile() throws IOException {
        if (durable) {
            channel.force(true);
        }
        channel.close();
        channel = null;
        Files.setLastModifiedTime(path, FileTime.fromMillis(file.modifiedEpochSeconds() * 1_000L));
    }

    @Override
    public void finish(final BackupDescription description) throws IOException {
        final StringBuilder map = new StringBuilder();
        boolean moved = false;
        for (final BackupArchive archive : description.archives()) {
            if (archive.tablespaceOid() != 0) {
                final String location = roots.get(archive).toString();
                moved |= !location.equals(archive.location());
                // Line ends and backslashes have a backslash before them: see xlog.c, where the map is made.
                map.append(archive.tablespaceOid())
                        .append(' ')
                        .append(location.replaceAll("([\\n\\r\\\\])", "\\\\$1"))
                        .append('\n');
            }
        }
        if (moved) {
            Files.writeString(dataDirectory.resolve(MAP), map);
        }
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }
}
