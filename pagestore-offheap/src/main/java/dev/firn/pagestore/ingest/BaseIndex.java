package dev.firn.pagestore.ingest;

import dev.firn.pagestore.cluster.SlruSegments;
import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.file.RelationPath;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Which file of a base backup has a page. Made once; questions make no object. */
public final class BaseIndex {
    /** The base does not have it. */
    public static final int ABSENT = -1;

    private final PostgresVersion version;
    private final ForkTable forks = new ForkTable();

    /** Of each fork: where in {@link #segmentFiles} its files begin. */
    private int[] firstSegments = new int[1024];

    /** Files of forks' segments, in their order. */
    private int[] segmentFiles = new int[1024];

    private int segmentCount;
    private final SlruSegments slrus = new SlruSegments();

    /** By SLRU and segment. */
    private final int[][] slruFiles = new int[Slru.values().length][];

    /** Looks at the names and lengths of all files. */
    public BaseIndex(final BaseFiles base) {
        this.version = base.version();
        final Map<RelationPath.Location, Integer> found = new HashMap<>();
        for (int file = 0; file < base.files(); file++) {
            final String path = base.path(file);
            final RelationPath.Location location = RelationPath.parse(version, path);
            if (location != null) {
                found.put(location, file);
            } else {
                addSlru(path, file, base.lengthBytes(file));
            }
        }
        for (final RelationPath.Location location : found.keySet()) {
            if (location.segment() == 0) {
                addFork(base, found, location);
            }
        }
    }

    /** mdnblocks: whole blocks of each segment, up to the first that isn't full. */
    private void addFork(
            final BaseFiles base,
            final Map<RelationPath.Location, Integer> found,
            final RelationPath.Location location) {
        final int fork = forks.findOrAdd(
                BlockKey.space(
                        location.locator().tablespace(), location.locator().database()),
                BlockKey.relation(
                        location.locator().relfilenode(), location.fork().number()));
        if (fork == firstSegments.length) {
            firstSegments = Arrays.copyOf(firstSegments, 2 * fork);
        }
        firstSegments[fork] = segmentCount;
        long blocks = 0;
        long here = RelationPath.SEGMENT_BLOCKS;
        for (int segment = 0; here == RelationPath.SEGMENT_BLOCKS; segment++) {
            final Integer file = found.get(new RelationPath.Location(location.locator(), location.fork(), segment));
            here = file == null ? 0 : Math.min(base.lengthBytes(file) / PageLayout.PAGE_BYTES, here);
            if (here > 0) {
                if (segmentCount == segmentFiles.length) {
                    segmentFiles = Arrays.copyOf(segmentFiles, 2 * segmentCount);
                }
                segmentFiles[segmentCount++] = file;
            }
            blocks += here;
        }
        forks.put(fork, (int) blocks);
    }

    private void addSlru(final String path, final int file, final long lengthBytes) {
        for (final Slru slru : Slru.values()) {
            if (path.startsWith(slru.directory() + '/')) {
                final String name = path.substring(slru.directory().length() + 1);
                final int pages = (int) Math.min(lengthBytes / PageLayout.PAGE_BYTES, Slru.PAGES_PER_SEGMENT);
                if (pages > 0
                        && name.matches("[0-9A-F]{4,6}")
                        && SlruSegments.isSegment(slru, Integer.parseInt(name, 16))) {
                    final int segment = Integer.parseInt(name, 16);
                    slrus.put(slru, segment, pages);
                    putSlruFile(slru.ordinal(), segment, file);
                }
            }
        }
    }

    private void putSlruFile(final int slru, final int segment, final int file) {
        final int[] before = slruFiles[slru] == null ? new int[0] : slruFiles[slru];
        slruFiles[slru] = before.length > segment ? before : Arrays.copyOf(before, segment + 1);
        slruFiles[slru][segment] = file;
    }

    /** How many blocks a fork has, unsigned, or {@link #ABSENT}. */
    public int blocks(final int tablespace, final int database, final int relfilenode, final int fork) {
        final int found = forks.find(BlockKey.space(tablespace, database), BlockKey.relation(relfilenode, fork));
        return found == ForkTable.NONE ? ABSENT : forks.blocks(found);
    }

    /**
     * The file with a block of a fork, or {@link #ABSENT} when the base does not have the block; where in it is for {@link
     * RelationPath#offsetInSegment} to say.
     */
    public int file(final int tablespace, final int database, final int relfilenode, final int fork, final int block) {
        final int found = forks.find(BlockKey.space(tablespace, database), BlockKey.relation(relfilenode, fork));
        return found == ForkTable.NONE || Integer.compareUnsigned(block, forks.blocks(found)) >= 0
                ? ABSENT
                : segmentFiles[firstSegments[found] + RelationPath.segment(block)];
    }

    /** The file with a page of an SLRU, or {@link #ABSENT}; where in it is for {@link Slru#offsetInSegment} to say. */
    public int slruFile(final Slru slru, final int page) {
        return page >= 0 && page <= slru.lastPage() && slrus.isThere(slru, page)
                ? slruFiles[slru.ordinal()][slru.segment(page)]
                : ABSENT;
    }

    ForkTable forks() {
        return forks;
    }

    SlruSegments slrus() {
        return slrus;
    }
}
