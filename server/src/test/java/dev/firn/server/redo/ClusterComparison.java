package dev.firn.server.redo;

import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelationPath;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.PageMask;
import dev.firn.postgres.version.PostgresVersion;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/** Two data directories, page by page. Says what differs, at most {@link #MAX_DIFFERENCES} things. */
final class ClusterComparison {
    static final int MAX_DIFFERENCES = 40;

    private final PostgresVersion version;
    private final Path expected;
    private final Path actual;
    private final List<String> differences = new ArrayList<>();
    private long pages;
    private final PageFlyweight page = new PageFlyweight();

    ClusterComparison(final PostgresVersion version, final Path expected, final Path actual) {
        this.version = version;
        this.expected = expected;
        this.actual = actual;
    }

    /** How many pages were compared. */
    long pages() {
        return pages;
    }

    List<String> differences() {
        return List.copyOf(differences);
    }

    /**
     * Compares relation files: their sets, sizes and pages.
     *
     * @param counted which files count.
     * @param masks what is to be masked of a file's pages, by its path; null leaves the file out.
     */
    void relations(final Predicate<String> counted, final Function<String, PageMask> masks) throws IOException {
        final Map<String, RelationPath.Location> theirs = ClusterFiles.relations(expected, version);
        final Map<String, RelationPath.Location> ours = ClusterFiles.relations(actual, version);
        final TreeSet<String> all = new TreeSet<>(theirs.keySet());
        all.addAll(ours.keySet());
        for (final String path : all) {
            if (!counted.test(path)) {
                continue;
            }
            if (!theirs.containsKey(path) || !ours.containsKey(path)) {
                add(path + ": only " + (theirs.containsKey(path) ? "expected" : "replayed"));
                continue;
            }
            final PageMask mask = masks.apply(path);
            if (mask != null) {
                pages(path, mask);
            }
        }
    }

    /** Compares all other files, byte by byte. */
    void others() throws IOException {
        final TreeSet<String> all = new TreeSet<>(ClusterFiles.others(expected, version));
        all.addAll(ClusterFiles.others(actual, version));
        for (final String path : all) {
            if (!Files.exists(expected.resolve(path)) || !Files.exists(actual.resolve(path))) {
                add(path + ": only " + (Files.exists(expected.resolve(path)) ? "expected" : "replayed"));
                continue;
            }
            final long at = Files.mismatch(expected.resolve(path), actual.resolve(path));
            if (at >= 0) {
                add(path + ": differs at byte " + at);
            }
        }
    }

    private void pages(final String path, final PageMask mask) throws IOException {
        final long size = Files.size(expected.resolve(path));
        if (size != Files.size(actual.resolve(path))) {
            add(path + ": " + Files.size(actual.resolve(path)) + " bytes replayed, " + size + " expected");
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment theirs = read(expected.resolve(path), arena);
            final MemorySegment ours = read(actual.resolve(path), arena);
            final RelationPath.Location location = RelationPath.parse(version, path);
            for (long at = 0; at + PageLayout.PAGE_BYTES <= size; at += PageLayout.PAGE_BYTES) {
                final int block =
                        (int) (at / PageLayout.PAGE_BYTES + (long) location.segment() * RelationPath.SEGMENT_BLOCKS);
                pages++;
                final long difference = compare(
                        theirs.asSlice(at, PageLayout.PAGE_BYTES),
                        ours.asSlice(at, PageLayout.PAGE_BYTES),
                        mask,
                        block);
                if (difference >= 0) {
                    add(path + " block " + block + ": byte " + difference + " is " + hex(ours, at + difference)
                            + ", and " + hex(theirs, at + difference) + " was expected");
                }
            }
        }
    }

    private long compare(final MemorySegment theirs, final MemorySegment ours, final PageMask mask, final int block) {
        if (theirs.mismatch(ours) < 0) {
            return -1;
        }
        // A page that one side never wrote has nothing to mask.
        if (!page.wrap(theirs, 0).isNew() && !page.wrap(ours, 0).isNew()) {
            mask.mask(page.wrap(theirs, 0), block);
            mask.mask(page.wrap(ours, 0), block);
        }
        return theirs.mismatch(ours);
    }

    private static MemorySegment read(final Path file, final Arena arena) throws IOException {
        final byte[] bytes = Files.readAllBytes(file);
        final MemorySegment segment = arena.allocate(Math.max(1, bytes.length), 8);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return segment;
    }

    private static String hex(final MemorySegment segment, final long from) {
        final StringBuilder text = new StringBuilder();
        for (long at = from; at < Math.min(from + 8, segment.byteSize()); at++) {
            text.append("%02x".formatted(segment.get(ValueLayout.JAVA_BYTE, at)));
        }
        return text.toString();
    }

    void add(final String difference) {
        if (differences.size() < MAX_DIFFERENCES) {
            differences.add(difference);
        }
    }

    /** Whether a file's pages are logged: not those of an unlogged relation, but for its init fork. */
    boolean logged(final String path) {
        final RelationPath.Location location = RelationPath.parse(version, path);
        if (location.fork() == Fork.INIT) {
            return true;
        }
        final String init = RelationPath.of(version, location.locator(), Fork.INIT, 0);
        return !Files.exists(expected.resolve(init)) && !Files.exists(actual.resolve(init));
    }
}
