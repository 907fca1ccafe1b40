package dev.firn.server.pages;

import dev.firn.pagestore.ingest.BaseFiles;
import dev.firn.postgres.file.RelationPath;
import dev.firn.postgres.version.PostgresVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A data directory, cleanly shut down, as the base of a page store. Every other question is turned away at first, and answers come late. */
final class DirectoryBase implements BaseFiles {
    private static final String TABLESPACES = "pg_tblspc";

    private final Path root;
    private final PostgresVersion version;
    private final long startLsn;
    private final List<String> paths = new ArrayList<>();
    private final List<Long> lengths = new ArrayList<>();
    private final List<String> directories = new ArrayList<>();
    private final List<Tablespace> tablespaces = new ArrayList<>();
    private final ArrayDeque<Long> answers = new ArrayDeque<>();
    private boolean turnsAway;

    DirectoryBase(final Path root, final PostgresVersion version, final long startLsn) {
        this.root = root;
        this.version = version;
        this.startLsn = startLsn;
        try (Stream<Path> all = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
            for (final Path path : (Iterable<Path>) all::iterator) {
                if (Files.isDirectory(path)) {
                    directories.add(root.relativize(path).toString());
                } else {
                    paths.add(root.relativize(path).toString());
                    lengths.add(Files.size(path));
                }
            }
            findTablespaces();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void findTablespaces() throws IOException {
        try (Stream<Path> links = Files.list(root.resolve(TABLESPACES))) {
            for (final Path link : (Iterable<Path>) links::iterator) {
                final String location = Files.isSymbolicLink(link)
                        ? Files.readSymbolicLink(link).toString()
                        : "";
                tablespaces.add(new Tablespace(
                        Integer.parseUnsignedInt(link.getFileName().toString()), location));
            }
        }
    }

    /** Reads a page at once. */
    void readPage(final int file, final int block, final MemorySegment into) {
        readRange(file, RelationPath.offsetInSegment(block), into);
    }

    void readRange(final int file, final long offset, final MemorySegment into) {
        try (FileChannel channel = FileChannel.open(root.resolve(paths.get(file)))) {
            final ByteBuffer view = into.asByteBuffer();
            while (view.hasRemaining()) {
                if (channel.read(view, offset + view.position()) < 0) {
                    throw new IllegalStateException(paths.get(file) + " is too short");
                }
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public PostgresVersion version() {
        return version;
    }

    @Override
    public long startLsn() {
        return startLsn;
    }

    @Override
    public long consistentLsn() {
        return startLsn;
    }

    @Override
    public int files() {
        return paths.size();
    }

    @Override
    public String path(final int file) {
        return paths.get(file);
    }

    @Override
    public long lengthBytes(final int file) {
        return lengths.get(file);
    }

    @Override
    public List<String> directories() {
        return directories;
    }

    @Override
    public List<Tablespace> tablespaces() {
        return tablespaces;
    }

    @Override
    public boolean read(final int file, final long offset, final MemorySegment into, final long token) {
        turnsAway = !turnsAway;
        if (turnsAway) {
            return false;
        }
        readRange(file, offset, into);
        answers.add(token);
        return true;
    }

    @Override
    public int poll(final ReadHandler handler, final int limit) {
        int told = 0;
        while (told < limit && !answers.isEmpty()) {
            handler.onRead(answers.remove(), null);
            told++;
        }
        return told;
    }
}
