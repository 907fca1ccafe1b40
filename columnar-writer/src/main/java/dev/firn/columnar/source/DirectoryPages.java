package dev.firn.columnar.source;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.catalog.CatalogPages;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.file.RelationMap;
import dev.firn.postgres.file.RelationPath;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/** The pages of a data directory, as its last checkpoint left them: of a Postgres that was stopped cleanly, all that was committed. */
public final class DirectoryPages implements CatalogPages, AutoCloseable {
    /** Most files that are kept open; the one that was used least recently is closed first. */
    private static final int MAX_OPEN_FILES = 64;

    private static final float LOAD = 0.75f;

    private final Path root;
    private final PostgresVersion version;
    private final Map<Path, FileChannel> open = new LinkedHashMap<>(MAX_OPEN_FILES, LOAD, true);

    public DirectoryPages(final Path root, final PostgresVersion version) {
        this.root = root;
        this.version = version;
    }

    @Override
    public long blocks(final RelFileLocator relation, final Fork fork) {
        long blocks = 0;
        try {
            for (int segment = 0; ; segment++) {
                final Path file = root.resolve(RelationPath.of(version, relation, fork, segment));
                if (!Files.exists(file)) {
                    return blocks;
                }
                blocks += Files.size(file) / PageLayout.PAGE_BYTES;
            }
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot look at the files of " + relation, e);
        }
    }

    @Override
    public void page(final RelFileLocator relation, final Fork fork, final long block, final MemorySegment into) {
        final int number = (int) block;
        read(
                root.resolve(RelationPath.of(version, relation, fork, RelationPath.segment(number))),
                RelationPath.offsetInSegment(number),
                into,
                PageLayout.PAGE_BYTES);
    }

    @Override
    public void pages(
            final RelFileLocator relation,
            final Fork fork,
            final long first,
            final int count,
            final MemorySegment into) {
        int done = 0;
        while (done < count) {
            final int number = (int) (first + done);
            final long offset = RelationPath.offsetInSegment(number);
            final long left = RelationPath.SEGMENT_BLOCKS - offset / PageLayout.PAGE_BYTES;
            final int blocks = (int) Math.min(left, count - done);
            read(
                    root.resolve(RelationPath.of(version, relation, fork, RelationPath.segment(number))),
                    offset,
                    into.asSlice((long) done * PageLayout.PAGE_BYTES),
                    blocks * PageLayout.PAGE_BYTES);
            done += blocks;
        }
    }

    @Override
    public void slruPage(final Slru slru, final int page, final MemorySegment into) {
        read(root.resolve(slru.path(slru.segment(page))), slru.offsetInSegment(page), into, PageLayout.PAGE_BYTES);
    }

    @Override
    public byte[] relationMap(final int tablespace, final int database) {
        final Path file = root.resolve(RelationPath.directory(version, tablespace, database))
                .resolve(RelationMap.FILE_NAME);
        try {
            return Files.readAllBytes(file);
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private void read(final Path file, final long offset, final MemorySegment into, final int bytes) {
        if (!open.containsKey(file) && !Files.exists(file)) {
            throw new MalformedDataException(file + ", which a page leads to, is not there");
        }
        // Channels fill no memory of the heap but arrays of bytes.
        final ByteBuffer buffer = into.isNative() ? into.asSlice(0, bytes).asByteBuffer() : ByteBuffer.allocate(bytes);
        try {
            final FileChannel channel = channel(file);
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, offset + buffer.position()) < 0) {
                    throw new MalformedDataException(file + " ends before " + (offset + bytes));
                }
            }
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        if (!into.isNative()) {
            MemorySegment.copy(MemorySegment.ofArray(buffer.array()), 0, into, 0, bytes);
        }
    }

    private FileChannel channel(final Path file) throws IOException {
        FileChannel channel = open.get(file);
        if (channel == null) {
            if (open.size() >= MAX_OPEN_FILES) {
                final Path eldest = open.keySet().iterator().next();
                open.remove(eldest).close();
            }
            channel = FileChannel.open(file, StandardOpenOption.READ);
            open.put(file, channel);
        }
        return channel;
    }

    @Override
    public void close() {
        try {
            for (final FileChannel channel : open.values()) {
                channel.close();
            }
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot close the files of " + root, e);
        }
        open.clear();
    }
}
