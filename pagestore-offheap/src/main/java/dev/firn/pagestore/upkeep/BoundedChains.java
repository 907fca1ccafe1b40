package dev.firn.pagestore.upkeep;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.ForwardedEntries;
import dev.firn.pagestore.key.SortedEntries;
import dev.firn.pagestore.rebuild.DamagedStoreException;
import dev.firn.postgres.page.PageLayout;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;

/**
 * A source with an image after each so many entries of a page that do not stand alone: so that of one run of layers no read replays more. What was
 * before the source's entries is asked of the shard, and redo is done here. When the shard has no answer, the image is left out; it is tried again when
 * the chain has grown by as many.
 */
final class BoundedChains extends ForwardedEntries implements AutoCloseable {
    private static final Logger LOG = System.getLogger(BoundedChains.class.getPackageName());
    private static final MemoryTag TAG = MemoryTag.of("image-pages");

    private final SortedEntries source;
    private final long fromLsn;
    private final int maxDeltas;
    private final OffHeapMemory memory;
    private final MemorySegment page;
    private final PageChain chain;
    private final ImageEntry image;

    /** Of the entries in the chain, how many were given since an image was, or one stood alone, or an image was not to be had. */
    private int deltas;

    private boolean any;
    private boolean due;
    private boolean asked;
    private long images;

    /**
     * @param lasting memory in which the source's payload stays as it is; null for none.
     * @param fromLsn what the source has begins behind this.
     */
    BoundedChains(
            final SortedEntries source,
            final MemorySegment lasting,
            final long fromLsn,
            final int maxDeltas,
            final OffHeapMemory memory,
            final PageChain.Rebuilding rebuilding) {
        this.source = source;
        this.fromLsn = fromLsn;
        this.maxDeltas = maxDeltas;
        this.memory = memory;
        this.page = memory.allocate(PageLayout.PAGE_BYTES, TAG);
        this.chain = new PageChain(rebuilding, memory, lasting, page);
        this.image = new ImageEntry(chain);
    }

    @Override
    public int advance() {
        if (due) {
            if (!asked) {
                asked = chain.ask(fromLsn, chain.newestLsn());
                return asked ? image() : WAIT;
            }
            final int step = image();
            if (due || step == ENTRY) {
                return step;
            }
        }
        return next();
    }

    private int next() {
        final int step = source.advance();
        if (step != ENTRY || !LayerOutput.isPage(source.high())) {
            return step == ENTRY ? give(source) : step;
        }
        if (!any || !chain.isOf(source)) {
            any = true;
            chain.begin(source);
            deltas = 0;
        }
        if (EntryKind.standsAlone(source.kindByte())) {
            deltas = 0;
        } else {
            deltas++;
        }
        // Without memory for it the chain has a gap, and is no base of an image until one stands alone.
        if (!chain.add(source)) {
            chain.forget();
            deltas = Integer.MIN_VALUE;
        }
        due = deltas >= maxDeltas;
        asked = false;
        return give(source);
    }

    /** The image that is due: ENTRY, or WAIT as long as the shard has not answered; when there is to be none, it is not due any more. */
    private int image() {
        if (!chain.isAnswered()) {
            return WAIT;
        }
        due = false;
        deltas = 0;
        if (chain.failure() != null || !build()) {
            return WAIT;
        }
        image.at(chain.newestLsn());
        chain.forget();
        images++;
        if (!chain.add(image)) {
            deltas = Integer.MIN_VALUE;
        }
        return give(image);
    }

    /** What can't be applied is told to who reads it: a flush goes on. */
    private boolean build() {
        try {
            return chain.build();
        } catch (final DamagedStoreException e) {
            LOG.log(Level.DEBUG, "no image is made: {0}", e.getMessage());
            return false;
        }
    }

    /** How many were added. */
    long images() {
        return images;
    }

    @Override
    public void close() {
        chain.close();
        memory.free(page);
    }
}
