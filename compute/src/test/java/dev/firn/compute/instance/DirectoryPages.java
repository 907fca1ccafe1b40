package dev.firn.compute.instance;

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

/** A data directory's pages, as its last checkpoint left them. */
record DirectoryPages(Path root, PostgresVersion version) implements CatalogPages {
    @Override
    public long blocks(final RelFileLocator relation, final Fork fork) {
        try {
            final Path file = root.resolve(RelationPath.of(version, relation, fork, 0));
            return Files.exists(file) ? Files.size(file) / PageLayout.PAGE_BYTES : 0;
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void page(final RelFileLocator relation, final Fork fork, final long block, final MemorySegment into) {
        read(RelationPath.of(version, relation, fork, 0), block, into);
    }

    @Override
    public void slruPage(final Slru slru, final int page, final MemorySegment into) {
        read(slru.path(page / Slru.PAGES_PER_SEGMENT), page % Slru.PAGES_PER_SEGMENT, into);
    }

    @Override
    public byte[] relationMap(final int tablespace, final int database) {
        try {
            return Files.readAllBytes(
                    root.resolve(RelationPath.directory(version, tablespace, database) + '/' + RelationMap.FILE_NAME));
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read(final String path, final long block, final MemorySegment into) {
        final ByteBuffer page = ByteBuffer.allocate(PageLayout.PAGE_BYTES);
        try (FileChannel channel = FileChannel.open(root.resolve(path))) {
            if (channel.read(page, block * PageLayout.PAGE_BYTES) != PageLayout.PAGE_BYTES) {
                throw new IllegalStateException(path + " has no block " + block);
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        MemorySegment.copy(MemorySegment.ofArray(page.array()), 0, into, 0, PageLayout.PAGE_BYTES);
    }
}
