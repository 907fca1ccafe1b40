package dev.firn.columnar.rebuild;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.PageLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * What came of comparing the pages that a relation's files make with those that they were made of.
 *
 * @param pages that were compared.
 * @param mismatches pages that are not the same, missing ones too.
 * @param first what is wrong with the first of them, at most {@link #MOST_SENTENCES}.
 */
public record PageComparison(long pages, long mismatches, List<String> first) {
    /** So many say where to look. */
    public static final int MOST_SENTENCES = 10;

    /** Where the true pages are. */
    @FunctionalInterface
    public interface TruePages {
        /** Reads a page that is there. */
        void page(long block, MemorySegment into);
    }

    public PageComparison {
        first = List.copyOf(first);
    }

    /** Both together. @param what is said before each sentence of the other. */
    public PageComparison and(final String what, final PageComparison other) {
        final List<String> sentences = new ArrayList<>(first);
        other.first.forEach(sentence -> add(sentences, what + sentence));
        return new PageComparison(pages + other.pages, mismatches + other.mismatches, sentences);
    }

    /**
     * Compares all pages of a relation.
     *
     * @param blocks how many there truly are.
     * @param page memory for one of them.
     */
    public static PageComparison compare(
            final RebuiltRelation rebuilt, final long blocks, final TruePages truth, final MemorySegment page)
            throws IOException {
        final List<String> sentences = new ArrayList<>();
        long pages = 0;
        long mismatches = 0;
        try {
            while (rebuilt.next()) {
                final String wrong =
                        rebuilt.block() < blocks ? difference(rebuilt, truth, page) : tooMany(rebuilt, blocks);
                pages++;
                if (wrong != null) {
                    mismatches++;
                    add(sentences, wrong);
                }
            }
        } catch (final MalformedDataException e) {
            add(sentences, e.getMessage());
            mismatches++;
        }
        if (pages < blocks) {
            mismatches += blocks - pages;
            add(sentences, "there are " + blocks + " blocks, and the files have " + pages);
        }
        return new PageComparison(pages, mismatches, sentences);
    }

    private static void add(final List<String> sentences, final String sentence) {
        if (sentences.size() < MOST_SENTENCES) {
            sentences.add(sentence);
        }
    }

    private static String tooMany(final RebuiltRelation rebuilt, final long blocks) {
        return "block " + rebuilt.block() + ": there are only " + blocks;
    }

    private static String difference(final RebuiltRelation rebuilt, final TruePages truth, final MemorySegment page) {
        truth.page(rebuilt.block(), page);
        final MemorySegment made;
        try {
            made = rebuilt.page();
        } catch (final MalformedDataException e) {
            return e.getMessage();
        }
        final long at = MemorySegment.mismatch(made, 0, PageLayout.PAGE_BYTES, page, 0, PageLayout.PAGE_BYTES);
        return at < 0 ? null : "block " + rebuilt.block() + ": its byte " + at + " differs";
    }
}
