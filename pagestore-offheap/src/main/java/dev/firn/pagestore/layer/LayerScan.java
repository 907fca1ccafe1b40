package dev.firn.pagestore.layer;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.key.SortedEntries;
import java.lang.foreign.MemorySegment;

/**
 * Goes over a layer's entries by large reads, one ahead: for merges. {@link #advance()} throws {@link LayerReadException} when the store
 * fails, {@link MalformedLayerException} when the layer is damaged. Belongs to the thread of {@code reads}.
 */
public final class LayerScan implements SortedEntries, AutoCloseable {
    private static final MemoryTag CONTENT = MemoryTag.of("layer-scan");

    private final LayerReads reads;
    private final LayerIndex index;
    private final KeyRange keys;
    private final BlockCodec codec;
    private final int readBytes;
    private final GrowingBuffer content;
    private final LayerBlock block = new LayerBlock();

    /** The last block with keys of the range. */
    private final int end;

    private ScanChunk current;
    private ScanChunk ahead;

    /** The first block that no read was begun for, or NONE. */
    private int nextRead;

    /** The next block of the current chunk. */
    private int nextBlock = LayerIndex.NONE;

    // Within the block; no block yet as long as there are no entries.
    private int entries;
    private int entry;
    private int keyNumber;
    private int keyEnd;
    private boolean ended;

    private long high;
    private long middle;
    private long low;

    /**
     * @param reads borrowed.
     * @param index borrowed, as long as the scan goes on.
     * @param keys what to go over, or null for all.
     * @param codec borrowed; of this thread.
     * @param memory borrowed; for two reads and a block.
     * @param readBytes how much to read at once: a block at least, in any case.
     */
    public LayerScan(
            final LayerReads reads,
            final LayerIndex index,
            final KeyRange keys,
            final BlockCodec codec,
            final OffHeapMemory memory,
            final int readBytes) {
        this.reads = reads;
        this.index = index;
        this.keys = keys == null ? index.description().keys() : keys;
        this.codec = codec;
        this.readBytes = readBytes;
        this.content = new GrowingBuffer(memory, CONTENT, LayerFormat.MAX_CONTENT_BYTES);
        this.current = new ScanChunk(memory);
        this.ahead = new ScanChunk(memory);
        this.ended = !this.keys.meets(index.description().keys());
        this.nextRead = index.seek(this.keys.fromHigh(), this.keys.fromMiddle(), this.keys.fromLow());
        this.end = index.lastUpTo(this.keys.toHigh(), this.keys.toMiddle(), this.keys.toLow());
    }

    @Override
    public int advance() {
        while (!ended) {
            if (entry + 1 < entries) {
                entry++;
                if (entry == keyEnd) {
                    beginKey(keyNumber + 1);
                }
            } else if (!nextBlock()) {
                if (!ended) {
                    return WAIT;
                }
                break;
            }
            if (PageKeys.compare(high, middle, low, keys.toHigh(), keys.toMiddle(), keys.toLow()) > 0) {
                ended = true;
            } else if (PageKeys.compare(keys.fromHigh(), keys.fromMiddle(), keys.fromLow(), high, middle, low) <= 0) {
                return ENTRY;
            }
        }
        return END;
    }

    /** Moves to the first entry of the next block; false when it is not there yet, or there is none. */
    private boolean nextBlock() {
        readAhead();
        if (nextBlock == LayerIndex.NONE) {
            if (!current.isEmpty()) {
                current.clear();
            }
            if (ahead.isEmpty() && nextRead == LayerIndex.NONE) {
                ended = true;
                return false;
            }
            if (!ahead.isHere()) {
                return false;
            }
            if (ahead.failure() != null) {
                throw new LayerReadException(
                        "layer " + index.description().name() + " can't be read: " + ahead.failure());
            }
            final ScanChunk arrived = ahead;
            ahead = current;
            current = arrived;
            nextBlock = current.first();
            readAhead();
        }
        final long at = current.position(index, nextBlock);
        final int length = codec.check(index, nextBlock, current.bytes(), at);
        content.clear();
        codec.decode(index, nextBlock, current.bytes(), at, content.ensure(length), 0);
        block.wrap(index, nextBlock, content.segment(), 0, length);
        entries = block.entries();
        entry = 0;
        beginKey(0);
        nextBlock = nextBlock == current.last() ? LayerIndex.NONE : index.after(nextBlock);
        return true;
    }

    private void readAhead() {
        if (nextRead != LayerIndex.NONE && ahead.isEmpty() && ahead.begin(reads, index, nextRead, end, readBytes)) {
            nextRead = ahead.last() == end ? LayerIndex.NONE : index.after(ahead.last());
        }
    }

    private void beginKey(final int number) {
        keyNumber = number;
        keyEnd = number + 1 < block.keys() ? block.firstEntry(number + 1) : entries;
        high = block.high(number);
        middle = block.middle(number);
        low = block.low(number);
    }

    @Override
    public long high() {
        return high;
    }

    @Override
    public long middle() {
        return middle;
    }

    @Override
    public long low() {
        return low;
    }

    @Override
    public long lsn() {
        return block.lsn(entry);
    }

    @Override
    public int kindByte() {
        return block.kindByte(entry);
    }

    @Override
    public int touch() {
        return block.touch(entry);
    }

    @Override
    public long recordAtLsn() {
        return block.recordAtLsn(entry);
    }

    @Override
    public MemorySegment payloadSegment() {
        return block.payloadSegment();
    }

    @Override
    public long payloadOffset() {
        return block.payloadOffset(entry);
    }

    @Override
    public int payloadLength() {
        return block.payloadLength(entry);
    }

    /** Frees its memory, as soon as what is on its way has come: may be called at any time. */
    @Override
    public void close() {
        ended = true;
        current.close();
        ahead.close();
        content.close();
    }
}
