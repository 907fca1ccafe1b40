package dev.firn.pagestore.upkeep;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.ForwardedEntries;
import dev.firn.pagestore.key.SortedEntries;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;

/**
 * Of each page that a source has entries of, what it was at one LSN, in the source's order. The shard is asked what lies beneath, for as many pages at
 * once as there are slots; redo is done here.
 */
final class PageImages extends ForwardedEntries implements AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("image-pages");

    private final SortedEntries source;
    private final long imageLsn;
    private final OffHeapMemory memory;
    private final MemorySegment pages;

    /** A ring: {@code used} from {@code first} on are asked for; the one behind them may be being gathered. */
    private final PageChain[] chains;

    /** Of each chain its image. */
    private final ImageEntry[] images;

    private int first;
    private int used;

    /** The source's entry is not gathered yet. */
    private boolean entryHeld;

    private boolean gathering;
    private boolean gathered;
    private boolean sourceEnded;
    private boolean currentGiven;
    private String failure;

    /** @param source of entries of the images' timeline, all that it has of each page, or all since an image. */
    PageImages(
            final SortedEntries source,
            final long imageLsn,
            final int slots,
            final OffHeapMemory memory,
            final PageChain.Rebuilding rebuilding) {
        this.source = source;
        this.imageLsn = imageLsn;
        this.memory = memory;
        this.pages = memory.allocate((long) slots * PageLayout.PAGE_BYTES, TAG);
        this.chains = new PageChain[slots];
        this.images = new ImageEntry[slots];
        for (int i = 0; i < slots; i++) {
            chains[i] = new PageChain(
                    rebuilding, memory, null, pages.asSlice((long) i * PageLayout.PAGE_BYTES, PageLayout.PAGE_BYTES));
            images[i] = new ImageEntry(chains[i]).at(imageLsn);
        }
    }

    @Override
    public int advance() {
        if (currentGiven) {
            currentGiven = false;
            drop();
        }
        fill();
        while (used > 0 && chains[first].isAnswered()) {
            final PageChain chain = chains[first];
            if (chain.failure() != null) {
                failure = chain.failure();
                return WAIT;
            }
            if (chain.build()) {
                currentGiven = true;
                return give(images[first]);
            }
            drop();
        }
        return used == 0 && sourceEnded && !gathered ? END : WAIT;
    }

    private void drop() {
        first = (first + 1) % chains.length;
        used--;
    }

    /** Gathers the next pages and asks for what is beneath, as long as there are slots. */
    private void fill() {
        while (used < chains.length && failure == null) {
            final PageChain chain = chains[(first + used) % chains.length];
            if (!gathered && !gather(chain)) {
                return;
            }
            gathered = true;
            if (!chain.ask(0, imageLsn)) {
                return;
            }
            gathered = false;
            used++;
        }
    }

    /** Gathers the next page's entries; true when it has all. */
    private boolean gather(final PageChain chain) {
        while (true) {
            if (!entryHeld) {
                if (sourceEnded) {
                    return false;
                }
                final int step = source.advance();
                if (step == WAIT) {
                    return false;
                }
                if (step == END) {
                    sourceEnded = true;
                    final boolean last = gathering;
                    gathering = false;
                    return last;
                }
                entryHeld = source.lsn() <= imageLsn && LayerOutput.isPage(source.high());
                continue;
            }
            if (!gathering) {
                chain.begin(source);
                gathering = true;
            } else if (!chain.isOf(source)) {
                gathering = false;
                return true;
            }
            if (!chain.add(source)) {
                return false;
            }
            entryHeld = false;
        }
    }

    /** Why there will be no more, or null. */
    String failure() {
        return failure;
    }

    @Override
    public void close() {
        for (final PageChain chain : chains) {
            chain.close();
        }
        memory.free(pages);
    }
}
