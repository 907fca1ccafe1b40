package dev.firn.pagestore.cluster;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.lsn.Lsn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Pages that a record wanted to change and that were not there: log_invalid_page of xlogutils.c. After a crash the log may name pages of relations that
 * were cut or dropped later on, and whose files are gone: such a page is forgotten when the log gets there. What is left at the
 * end was lost.
 */
public final class InvalidPages {
    /** Postgres has no limit; a log with so many is not the one of this base. */
    public static final int MAX_PAGES = 1_000_000;

    private final Map<Page, Sighting> pages = new LinkedHashMap<>();

    private record Page(long space, long relation, int block) {}

    /** By the first record that wanted it; {@code present} when it was in the file, but never written. */
    private record Sighting(long lsn, boolean present) {}

    /**
     * A record wants a page.
     *
     * @throws MalformedDataException when there are too many of them.
     */
    public void add(final long space, final long relation, final int block, final boolean present, final long lsn) {
        if (pages.size() == MAX_PAGES) {
            throw new MalformedDataException("the log changes more than " + MAX_PAGES
                    + " pages that the base does not have: it is not the base that this log goes on from");
        }
        pages.putIfAbsent(new Page(space, relation, block), new Sighting(lsn, present));
    }

    /** A fork was cut to so many blocks. */
    public void forget(final long space, final long relation, final int fromBlock) {
        if (!pages.isEmpty()) {
            pages.keySet()
                    .removeIf(page -> page.space == space
                            && page.relation == relation
                            && Integer.compareUnsigned(page.block, fromBlock) >= 0);
        }
    }

    /** A database was dropped, in all tablespaces. */
    public void forgetDatabase(final int database) {
        if (!pages.isEmpty()) {
            pages.keySet().removeIf(page -> BlockKey.database(page.space) == database);
        }
    }

    public int count() {
        return pages.size();
    }

    /** A sentence for each of the first so many. */
    public List<String> describe(final int limit) {
        final List<String> sentences = new ArrayList<>();
        for (final Map.Entry<Page, Sighting> entry : pages.entrySet()) {
            if (sentences.size() == limit) {
                break;
            }
            final Page page = entry.getKey();
            sentences.add("the record at " + Lsn.format(entry.getValue().lsn) + " changes "
                    + BlockKey.describe(page.space, page.relation, page.block)
                    + (entry.getValue().present ? ", which was never written" : ", which does not exist"));
        }
        return sentences;
    }
}
