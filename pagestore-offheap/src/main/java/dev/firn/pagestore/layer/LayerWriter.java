package dev.firn.pagestore.layer;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.Entry;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;

/**
 * Writes one layer from entries in their order. Belongs to one thread; each call does bounded work: at most one block is compressed. The same
 * entries and configuration give the same bytes.
 *
 * <p>Use: {@link #add} for each entry until {@link #isFull()} and the key changes, or there are no more; then {@link #finish} until it is true. The
 * sink's owner sees to it that the bytes become an object; only then is {@link #description()} worth a line in a manifest.
 */
public final class LayerWriter implements AutoCloseable {
    private static final MemoryTag OUTPUT = MemoryTag.of("layer-output");

    private final LayerScope scope;
    private final LayerConfig config;
    private final LayerSink sink;
    private final int identity;
    private final BlockBuilder block;
    private final IndexBuilder index;
    private final BlockCompressor compressor;

    /** Bytes on their way to the sink: a block; at the end, all else. */
    private final GrowingBuffer output;

    private long outputTaken;

    /** Where the next byte behind the output goes. */
    private long offset;

    private long entries;
    private long contentBytes;

    // The entry before; none while `entries` is 0.
    private long firstHigh;
    private long firstMiddle;
    private long firstLow;
    private long high;
    private long middle;
    private long low;
    private long lsn;

    /** Whether the entry that is being added has another key than the one before. */
    private boolean keyChanged;

    /** Set when all is in the output. */
    private LayerDescription description;

    /**
     * @param sink borrowed.
     * @param codec borrowed; of the writer's thread.
     * @param memory borrowed; for the block, the output, and the index, which has a limit in {@code config}.
     */
    public LayerWriter(
            final LayerScope scope,
            final LayerConfig config,
            final LayerSink sink,
            final BlockCodec codec,
            final OffHeapMemory memory) {
        this.scope = scope;
        this.config = config;
        this.sink = sink;
        this.identity = LayerFormat.identity(scope.timeline(), scope.name());
        this.block = new BlockBuilder(memory);
        this.index = new IndexBuilder(memory, config);
        this.compressor = new BlockCompressor(config, scope.kind(), codec, memory);
        this.output = new GrowingBuffer(memory, OUTPUT, 2L * LayerFormat.MAX_CONTENT_BYTES);
        putHeader();
    }

    /**
     * Takes the current entry of a source.
     *
     * @return false, the entry not taken, when the sink has no room now: poll what is behind it, then add the same entry again.
     * @throws IllegalArgumentException when the entry is out of order, not within the scope, or longer than a block can be.
     * @throws LayerWriteException when the sink has failed.
     */
    public boolean add(final Entry entry) {
        if (description != null) {
            throw new IllegalStateException("layer " + scope.name() + " is finished");
        }
        if (!drain()) {
            return false;
        }
        checkEntry(entry);
        final boolean page = isPage(entry);
        if (mustEnd(entry, page)) {
            endBlock();
            if (!drain()) {
                return false;
            }
        }
        take(entry);
        if (page) {
            index.beginBlock(entry, true, false);
            putBlock(entry.payloadSegment(), entry.payloadOffset(), PageLayout.PAGE_BYTES);
        } else {
            if (block.isEmpty()) {
                index.beginBlock(entry, false, entries > 1 && !keyChanged);
            }
            if (block.add(entry)) {
                index.addKey(PageKeys.hash(high, middle, low));
            }
        }
        return true;
    }

    /** Whether a limit is reached: the layer should end before the next key. */
    public boolean isFull() {
        return offset + block.contentBytes() >= config.maxLayerBytes() || index.isNearlyFull();
    }

    /** Whether nothing was added: such a layer cannot be finished. */
    public boolean isEmpty() {
        return entries == 0;
    }

    /** How long the object is so far. */
    public long writtenBytes() {
        return offset;
    }

    /**
     * Writes what is left, index and footer.
     *
     * @param keys what the layer covers, or null for its first to its last key.
     * @return false when the sink has no room now: call again.
     * @throws LayerWriteException when the sink has failed.
     */
    public boolean finish(final KeyRange keys) {
        if (!drain()) {
            return false;
        }
        if (description != null) {
            return true;
        }
        if (isEmpty()) {
            throw new IllegalStateException("layer " + scope.name() + " has no entries");
        }
        if (!block.isEmpty()) {
            endBlock();
            if (!drain()) {
                return false;
            }
        }
        putTail(keys == null ? new KeyRange(firstHigh, firstMiddle, firstLow, high, middle, low) : keys);
        return drain();
    }

    /** What was written. Once {@link #finish} was true. */
    public LayerDescription description() {
        if (description == null || outputTaken < output.length()) {
            throw new IllegalStateException("layer " + scope.name() + " is not finished");
        }
        return description;
    }

    /** Frees what the writer holds; the sink is its owner's. */
    @Override
    public void close() {
        output.close();
        block.close();
        index.close();
        compressor.close();
    }

    private void checkEntry(final Entry entry) {
        final int order =
                entries == 0 ? -1 : PageKeys.compare(high, middle, low, entry.high(), entry.middle(), entry.low());
        final boolean image = scope.kind() == LayerKind.IMAGE;
        final long entryLsn = entry.lsn();
        final boolean within = image
                ? entryLsn == scope.toLsn() && EntryKind.standsAlone(entry.kindByte()) && order < 0
                : entryLsn > scope.fromLsn() && entryLsn <= scope.toLsn();
        final long record = entryLsn - entry.recordAtLsn();
        final boolean isRecord = EntryKind.kind(entry.kindByte()) == EntryKind.RECORD;
        if (!within
                || order > 0
                || (order == 0 && lsn > entryLsn)
                || !EntryKind.isValid(entry.kindByte())
                || (isRecord ? record < 1 || record > 0xFFFF_FFFFL : entry.recordAtLsn() != 0)
                || entry.touch() != (entry.touch() & 0xFFFF)
                || entry.payloadLength() > BlockBuilder.MAX_PAYLOAD_BYTES) {
            throw new IllegalArgumentException("layer " + scope.name() + ", " + scope.kind() + " of LSNs "
                    + Long.toHexString(scope.fromLsn()) + " to " + Long.toHexString(scope.toLsn())
                    + ", can't take an entry of "
                    + PageKeys.describe(entry.high(), entry.middle(), entry.low()) + " at "
                    + Long.toHexString(entryLsn) + " (kind " + entry.kindByte() + ", " + entry.payloadLength()
                    + " bytes) after one of "
                    + (entries == 0 ? "none" : PageKeys.describe(high, middle, low) + " at " + Long.toHexString(lsn)));
        }
        keyChanged = order != 0;
    }

    private boolean isPage(final Entry entry) {
        return scope.kind() == LayerKind.IMAGE
                && EntryKind.kind(entry.kindByte()) == EntryKind.IMAGE
                && entry.payloadLength() == PageLayout.PAGE_BYTES;
    }

    private boolean mustEnd(final Entry entry, final boolean page) {
        return !block.isEmpty()
                && (page || block.contentBytes() >= config.blockBytes() || !block.hasRoom(entry.payloadLength()));
    }

    private void take(final Entry entry) {
        high = entry.high();
        middle = entry.middle();
        low = entry.low();
        lsn = entry.lsn();
        if (entries++ == 0) {
            firstHigh = high;
            firstMiddle = middle;
            firstLow = low;
        }
        contentBytes += entry.payloadLength();
    }

    private void endBlock() {
        final MemorySegment content = block.content();
        putBlock(content, 0, (int) block.contentBytes());
        block.clear();
    }

    /** Compresses a block into the output, which is empty or has the header alone. */
    private void putBlock(final MemorySegment content, final long contentOffset, final int length) {
        final int stored = compressor.compress(content, contentOffset, length, output, identity, offset);
        index.endBlock(offset, stored);
        offset += stored;
    }

    /** Gives the sink what it takes. */
    private boolean drain() {
        while (outputTaken < output.length()) {
            final long taken = sink.write(output.segment().asSlice(outputTaken, output.length() - outputTaken));
            if (taken == LayerSink.FAILED) {
                throw new LayerWriteException("layer " + scope.name() + " can't be written: its sink has failed");
            }
            if (taken == 0) {
                return false;
            }
            outputTaken += taken;
        }
        output.clear();
        outputTaken = 0;
        return true;
    }

    private void putHeader() {
        final long at = output.reserve(LayerFormat.HEADER_BYTES);
        final MemorySegment bytes = output.segment();
        bytes.asSlice(at, LayerFormat.HEADER_BYTES).fill((byte) 0);
        LittleEndian.putLong(bytes, at, LayerFormat.HEADER_MAGIC);
        LittleEndian.putInt(bytes, at + LayerFormat.HEADER_VERSION, LayerFormat.VERSION);
        LittleEndian.putInt(bytes, at + LayerFormat.HEADER_IDENTITY, identity);
        LittleEndian.putLong(bytes, at + LayerFormat.HEADER_EPOCH, scope.name().epoch());
        LittleEndian.putLong(bytes, at + LayerFormat.HEADER_NUMBER, scope.name().number());
        LittleEndian.putInt(
                bytes, at + LayerFormat.HEADER_CHECKSUM, Crc32c.compute(bytes, at, LayerFormat.HEADER_CHECKSUM));
        offset = LayerFormat.HEADER_BYTES;
    }

    private void putTail(final KeyRange keys) {
        final long indexOffset = offset;
        index.writeTo(output);
        final long footer = output.reserve(LayerFormat.FOOTER_BYTES);
        final MemorySegment bytes = output.segment();
        final LayerFooter values =
                new LayerFooter(scope, identity, keys, indexOffset, entries, contentBytes, index.groups());
        final int checksum = values.put(bytes, footer, Crc32c.compute(bytes, 0, footer));
        offset += output.length();
        description = new LayerDescription(
                scope.name(),
                scope.kind(),
                keys,
                scope.fromLsn(),
                scope.toLsn(),
                offset,
                indexOffset,
                entries,
                contentBytes,
                checksum);
    }
}
