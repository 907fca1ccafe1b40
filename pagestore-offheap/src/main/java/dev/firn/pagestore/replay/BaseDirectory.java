package dev.firn.pagestore.replay;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.file.RelationPath;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The data directory that replay starts from. It is only read, and must not change meanwhile.
 *
 * <p>Files stay open for the next page of them, at most {@link #MAX_OPEN_FILES}.
 */
final class BaseDirectory implements BaseRelations, AutoCloseable {
    /** Well below the usual limit of 1 024 descriptors a process. */
    static final int MAX_OPEN_FILES = 256;

    private static final MemoryTag TAG = MemoryTag.of("replay-base");

    private final Path root;
    private final PostgresVersion version;
    private final OffHeapMemory memory;
    private final MemorySegment scratch;
    private final ByteBuffer view;

    /** From owner and segment to a place in {@link #open}. */
    private final PageMap openIndex = new PageMap(MAX_OPEN_FILES);

    private final FileChannel[] open = new FileChannel[MAX_OPEN_FILES];
    private final long[] openKeys = new long[MAX_OPEN_FILES];
    private int nextOpen;

    BaseDirectory(final Path root, final PostgresVersion version, final OffHeapMemory memory) {
        this.root = root;
        this.version = version;
        this.memory = memory;
        this.scratch = memory.allocate(PageLayout.PAGE_BYTES, TAG);
        this.view = scratch.asByteBuffer();
    }

    @Override
    public void close() {
        memory.free(scratch);
        for (final FileChannel channel : open) {
            if (channel != null) {
                close(channel);
            }
        }
    }

    Path root() {
        return root;
    }

    PostgresVersion version() {
        return version;
    }

    /** The path of a file of a fork. */
    Path path(final long space, final long relation, final int segment) {
        return root.resolve(RelationPath.of(version, locator(space, relation), fork(relation), segment));
    }

    /** mdnblocks: whole blocks of each segment, up to the first that isn't full. */
    @Override
    public int blocks(final long space, final long relation) {
        long blocks = 0;
        for (int segment = 0; ; segment++) {
            final long bytes = sizeOf(path(space, relation, segment));
            if (bytes < 0) {
                return segment == 0 ? ABSENT : (int) blocks;
            }
            final long here = Math.min(bytes / PageLayout.PAGE_BYTES, RelationPath.SEGMENT_BLOCKS);
            blocks += here;
            if (here < RelationPath.SEGMENT_BLOCKS) {
                return (int) blocks;
            }
        }
    }

    /**
     * Reads a block of a fork.
     *
     * @param owner a number for these files, for finding them open the next time.
     */
    void read(final int owner, final long space, final long relation, final int block, final MemorySegment page) {
        final int segment = RelationPath.segment(block);
        final FileChannel channel = channel(owner, space, relation, segment);
        final long offset = RelationPath.offsetInSegment(block);
        try {
            readPage(channel, offset, page);
        } catch (final IOException e) {
            throw unreadable(path(space, relation, segment), offset, e);
        }
    }

    /** Reads a page of any file. */
    void read(final String file, final long offset, final MemorySegment page) {
        final Path path = root.resolve(file);
        try (FileChannel channel = FileChannel.open(path)) {
            readPage(channel, offset, page);
        } catch (final IOException e) {
            throw unreadable(path, offset, e);
        }
    }

    /** A small file's bytes; null when there is none. */
    byte[] bytes(final String file) {
        final Path path = root.resolve(file);
        try {
            return Files.readAllBytes(path);
        } catch (final NoSuchFileException e) {
            return null;
        } catch (final IOException e) {
            throw new ReplayException("cannot read " + path + ": " + e.getMessage(), e);
        }
    }

    /** The names in a directory, sorted; none when there is none. */
    List<String> names(final String directory) {
        final Path path = root.resolve(directory);
        if (!Files.isDirectory(path)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(path)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (final IOException e) {
            throw new ReplayException("cannot list " + path + ": " + e.getMessage(), e);
        }
    }

    /** The first files of all forks in a database's directory, as {@link BlockKey#relation packed} names. */
    List<Long> forks(final long space) {
        final String directory = RelationPath.directory(version, BlockKey.tablespace(space), BlockKey.database(space));
        final List<Long> found = new ArrayList<>();
        for (final String name : names(directory)) {
            final RelationPath.Location location = RelationPath.parse(version, directory + '/' + name);
            if (location != null && location.segment() == 0) {
                found.add(BlockKey.relation(
                        location.locator().relfilenode(), location.fork().number()));
            }
        }
        return found;
    }

    /** A file's size, or -1 when there is none. */
    static long sizeOf(final Path file) {
        try {
            return Files.size(file);
        } catch (final NoSuchFileException e) {
            return -1;
        } catch (final IOException e) {
            throw new ReplayException("cannot read the size of " + file + ": " + e.getMessage(), e);
        }
    }

    private void readPage(final FileChannel channel, final long offset, final MemorySegment page) throws IOException {
        view.clear();
        while (view.hasRemaining()) {
            if (channel.read(view, offset + view.position()) < 0) {
                throw new EOFException("the file ends within it: the base changed while it was read, or is damaged");
            }
        }
        MemorySegment.copy(scratch, 0, page, 0, PageLayout.PAGE_BYTES);
    }

    private static ReplayException unreadable(final Path path, final long offset, final IOException cause) {
        return new ReplayException(
                "cannot read the page at " + offset + " of " + path + ": " + cause.getMessage(), cause);
    }

    private FileChannel channel(final int owner, final long space, final long relation, final int segment) {
        final long key = PageTable.key(owner, segment);
        final int found = openIndex.get(key);
        return found == PageMap.ABSENT ? openFile(key, path(space, relation, segment)) : open[found];
    }

    /** The files take turns in being closed for another. */
    private FileChannel openFile(final long key, final Path path) {
        final int place = nextOpen;
        nextOpen = (nextOpen + 1) % MAX_OPEN_FILES;
        if (open[place] != null) {
            openIndex.remove(openKeys[place]);
            close(open[place]);
            open[place] = null;
        }
        try {
            open[place] = FileChannel.open(path);
        } catch (final IOException e) {
            throw new ReplayException("cannot open " + path + ": " + e.getMessage(), e);
        }
        openKeys[place] = key;
        openIndex.put(key, place);
        return open[place];
    }

    private void close(final FileChannel channel) {
        try {
            channel.close();
        } catch (final IOException e) {
            throw new ReplayException("cannot close a file of " + root + ": " + e.getMessage(), e);
        }
    }

    private static RelFileLocator locator(final long space, final long relation) {
        return new RelFileLocator(BlockKey.tablespace(space), BlockKey.database(space), BlockKey.relfilenode(relation));
    }

    private static Fork fork(final long relation) {
        return Fork.of(BlockKey.fork(relation));
    }
}
