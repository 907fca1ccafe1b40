package dev.firn.server.pages;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/** One relation's blocks in their order: some requests are always on their way. Who jumps begins anew. */
final class PageScan {
    /** Pages of one request; what a transcoder takes at once is a multiple. */
    static final int PAGES_A_REQUEST = 32;

    /** Requests on their way: 2 MiB. */
    private static final int REQUESTS_AHEAD = 8;

    private final ServedPages pages;
    private final RelFileLocator relation;
    private final long blocks;

    /** In order. Those that are given up are not used again: they may come still. */
    private final ArrayDeque<PagesAhead> onTheWay = new ArrayDeque<>();

    private final ArrayDeque<PagesAhead> idle = new ArrayDeque<>();
    private long nextBlock;
    private long askedUpTo;

    PageScan(final ServedPages pages, final RelFileLocator relation) {
        this.pages = pages;
        this.relation = relation;
        this.blocks = pages.blocks(relation, Fork.MAIN);
    }

    void read(final long first, final int count, final MemorySegment into) {
        if (first != nextBlock) {
            onTheWay.clear();
            askedUpTo = first;
        }
        int done = 0;
        while (done < count) {
            final PagesAhead head = onTheWay.peek();
            if (head == null || head.count() > count - done || !pages.await(head)) {
                onTheWay.clear();
                done += now(first + done, count - done, into, done);
                askedUpTo = first + done;
            } else {
                head.copyTo(into, (long) done * PageLayout.PAGE_BYTES);
                done += head.count();
                idle.add(onTheWay.remove());
            }
        }
        nextBlock = first + count;
        askAhead();
    }

    private int now(final long first, final int most, final MemorySegment into, final int at) {
        final int[] wanted = range(first, Math.min(PAGES_A_REQUEST, most));
        final byte[] found = pages.now(relation, wanted);
        if (found.length != wanted.length * PageLayout.PAGE_BYTES) {
            throw new MalformedDataException(
                    "relation " + relation + ": " + found.length + " bytes came for " + wanted.length + " pages");
        }
        MemorySegment.copy(MemorySegment.ofArray(found), 0, into, (long) at * PageLayout.PAGE_BYTES, found.length);
        return wanted.length;
    }

    private void askAhead() {
        while (onTheWay.size() < REQUESTS_AHEAD && askedUpTo < blocks) {
            final int[] wanted = range(askedUpTo, (int) Math.min(PAGES_A_REQUEST, blocks - askedUpTo));
            final PagesAhead asked = idle.isEmpty() ? new PagesAhead(PAGES_A_REQUEST) : idle.remove();
            pages.askAhead(relation, wanted, asked);
            onTheWay.add(asked);
            askedUpTo += wanted.length;
        }
    }

    private static int[] range(final long first, final int count) {
        final int[] range = new int[count];
        for (int i = 0; i < count; i++) {
            range[i] = (int) (first + i);
        }
        return range;
    }
}
