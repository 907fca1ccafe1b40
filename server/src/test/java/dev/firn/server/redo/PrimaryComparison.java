package dev.firn.server.redo;

import dev.firn.compute.instance.PostgresServer;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelationPath;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.PageMask;
import dev.firn.postgres.redo.brin.BrinMask;
import dev.firn.postgres.redo.btree.BtreeMask;
import dev.firn.postgres.redo.generic.GenericMask;
import dev.firn.postgres.redo.gin.GinMask;
import dev.firn.postgres.redo.gist.GistMask;
import dev.firn.postgres.redo.hash.HashMask;
import dev.firn.postgres.redo.heap.HeapMask;
import dev.firn.postgres.redo.mask.Masks;
import dev.firn.postgres.redo.spgist.SpgistMask;
import dev.firn.postgres.version.PostgresVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/**
 * The directory of a primary that was shut down, and one that was made from its log: all pages of all relations, under the masks that
 * Postgres itself compares with, and without what it does not log.
 */
public final class PrimaryComparison {
    /** The map is logged without what is in its hole. */
    private static final PageMask LSN_AND_CHECKSUM = (page, block) -> Masks.lsnAndChecksum(page);

    private static final PageMask SPGIST_MASK = new SpgistMask();
    /** SpGistMetaPageData of access/spgist_private.h: behind the page header and the magic number, 8 pairs of block and space. */
    private static final int SPGIST_CACHE_OFFSET = 28;

    private static final int SPGIST_CACHE_BYTES = 64;

    private static final Map<String, PageMask> MASKS = Map.of(
            "btree", new BtreeMask(),
            "hash", new HashMask(),
            "gin", new GinMask(),
            "gist", new GistMask(),
            "spgist", PrimaryComparison::maskSpgist,
            "brin", new BrinMask(),
            "bloom", new GenericMask());

    private final PostgresVersion version;
    private final Path base;
    private final Map<String, String> kinds;
    private final ClusterComparison comparison;

    /**
     * Compares.
     *
     * @param base what the log begins with.
     * @param kinds as {@link #kinds} had them before the primary was shut down.
     */
    public PrimaryComparison(
            final PostgresVersion version,
            final Path base,
            final Path primary,
            final Path made,
            final Map<String, String> kinds)
            throws IOException {
        this.version = version;
        this.base = base;
        this.kinds = kinds;
        this.comparison = new ClusterComparison(version, primary, made);
        comparison.relations(path -> comparison.logged(path) && !isUnusedMap(primary, made, path), this::mask);
        comparison.others();
    }

    /** Postgres logs nothing of a visibility map that it makes until a bit of it is set; 15 makes its pages with a header. */
    private boolean isUnusedMap(final Path primary, final Path made, final String path) {
        if (RelationPath.parse(version, path).fork() != Fork.VISIBILITY_MAP || Files.exists(made.resolve(path))) {
            return false;
        }
        try {
            final byte[] pages = Files.readAllBytes(primary.resolve(path));
            for (int at = 0; at < pages.length; at++) {
                final int inPage = at % PageLayout.PAGE_BYTES;
                final boolean madeWithThePage = inPage >= Long.BYTES && inPage < PageLayout.HEADER_BYTES;
                if (pages[at] != 0 && !madeWithThePage) {
                    return false;
                }
            }
            return true;
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What relations are by their main fork's path. */
    public static Map<String, String> kinds(final PostgresServer server) throws SQLException {
        return ClusterContents.kinds(server);
    }

    public List<String> differences() {
        return comparison.differences();
    }

    /** How many pages were compared. */
    public long pages() {
        return comparison.pages();
    }

    private PageMask mask(final String path) {
        final RelationPath.Location location = RelationPath.parse(version, path);
        if (location.fork() == Fork.VISIBILITY_MAP) {
            // CREATE DATABASE … STRATEGY wal_log logs the map's pages as if their bits were a hole: they are lost in a
            // replay.
            final boolean made = location.locator().database() != 0
                    && !Files.isDirectory(
                            base.resolve("base/" + location.locator().database()));
            return made ? null : LSN_AND_CHECKSUM;
        }
        final String kind = kinds.get(RelationPath.of(version, location.locator(), Fork.MAIN, 0));
        if (kind == null) {
            // Of a database that takes no sessions, so nobody says what it is; stock recovery has been compared with
            // all the same.
            return null;
        }
        if (location.fork() == Fork.INIT && kind.equals("bloom")) {
            // Postgres 17 makes it through generic records, which leave unlogged relations out of the log.
            return null;
        }
        return switch (kind) {
            // Sequences are logged ahead of what was handed out.
            case "S" -> null;
            case "r", "m", "t" -> new HeapMask();
            default -> MASKS.get(kind);
        };
    }

    /** Besides what the mask hides: the metapage's cache of pages with space, which Postgres does not log. */
    private static void maskSpgist(final PageFlyweight page, final int block) {
        SPGIST_MASK.mask(page, block);
        if (block == 0) {
            Masks.zero(page, SPGIST_CACHE_OFFSET, SPGIST_CACHE_OFFSET + SPGIST_CACHE_BYTES);
        }
    }
}
