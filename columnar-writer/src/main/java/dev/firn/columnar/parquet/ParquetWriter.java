package dev.firn.columnar.parquet;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.RowBatch;
import dev.firn.columnar.buffer.ByteChain;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.parquet.format.BloomFilterAlgorithm;
import org.apache.parquet.format.BloomFilterCompression;
import org.apache.parquet.format.BloomFilterHash;
import org.apache.parquet.format.BloomFilterHeader;
import org.apache.parquet.format.SplitBlockAlgorithm;
import org.apache.parquet.format.Uncompressed;
import org.apache.parquet.format.Util;
import org.apache.parquet.format.XxHash;

/**
 * Writes one Parquet file. Never blocks: {@link #write} encodes rows, or refuses them while too much waits for the sink; {@link #doWork} hands over
 * what waits. So one row group is sent while the next one is encoded, by the same thread or, with a sink that queues, by another.
 *
 * <pre>{@code
 * while (!writer.write(batch)) { writer.doWork(); idle(); }
 * while (!writer.finish()) { writer.doWork(); idle(); }
 * }</pre>
 *
 * <p>Memory: the row group that is built, compressed ({@link ParquetConfig#rowGroupBytes}, exceeded by one batch at most); what waits for the sink
 * ({@link ParquetConfig#pendingBytes}, exceeded by one row group at most); dictionaries and bloom filters of the open columns; one page's workspace.
 */
public final class ParquetWriter implements AutoCloseable {
    private static final MemoryTag PENDING = MemoryTag.of("lake-pending");

    private final ParquetConfig config;
    private final OffHeapMemory memory;
    private final ParquetSink sink;
    private final Map<String, String> metadata;
    private final PageWorkspace work;
    private final FooterBuilder footer;
    private final List<ColumnChunkWriter> chunks = new ArrayList<>();
    private final List<LeafWriter> leaves = new ArrayList<>();
    private final ArrayDeque<ByteChain> pending = new ArrayDeque<>();
    private long pendingBytes;

    /** Where in the file the next row group begins. */
    private long offset;

    private long groupRows;
    private boolean finished;
    private boolean closed;

    /**
     * @param memory borrowed: what is encoded and what waits comes from it.
     * @param metadata kept in the footer, under its keys.
     */
    public ParquetWriter(
            final List<ColumnField> schema,
            final ParquetConfig config,
            final OffHeapMemory memory,
            final ParquetSink sink,
            final Map<String, String> metadata) {
        this.config = config;
        this.memory = memory;
        this.sink = sink;
        this.metadata = Map.copyOf(metadata);
        final List<LeafColumn> columns = LeafColumn.of(schema);
        footer = new FooterBuilder(List.copyOf(schema), columns);
        work = new PageWorkspace(memory);
        boolean whole = false;
        try {
            for (final LeafColumn leaf : columns) {
                final ColumnChunkWriter chunk = new ColumnChunkWriter(leaf, config, memory, work);
                chunks.add(chunk);
                leaves.add(new LeafWriter(leaf, config, chunk, work));
            }
            enqueue(FooterBuilder.MAGIC);
            offset = FooterBuilder.MAGIC.length;
            whole = true;
        } finally {
            if (!whole) {
                close();
            }
        }
    }

    /**
     * Encodes a batch.
     *
     * @param batch of the writer's schema; not needed any more when this returns.
     * @return false when more waits for the sink than may: nothing was done, {@link #doWork} first.
     */
    public boolean write(final RowBatch batch) {
        if (finished) {
            throw new IllegalStateException("the file is finished; no rows can follow");
        }
        if (pendingBytes >= config.pendingBytes()) {
            return false;
        }
        if (batch.rows() == 0) {
            return true;
        }
        for (int i = 0; i < leaves.size(); i++) {
            leaves.get(i).write(batch);
        }
        groupRows += batch.rows();
        if (encodedBytes() >= config.rowGroupBytes()) {
            endRowGroup();
        }
        return true;
    }

    /** What the row group that is being built takes so far. */
    public long encodedBytes() {
        long bytes = 0;
        for (int i = 0; i < chunks.size(); i++) {
            bytes += chunks.get(i).encodedBytes();
        }
        return bytes;
    }

    /** Bytes that wait for the sink. */
    public long pendingBytes() {
        return pendingBytes;
    }

    /** Hands over what waits, as much as the sink takes. How many bytes it took. */
    public int doWork() {
        long taken = 0;
        while (!pending.isEmpty()) {
            final ByteChain chain = pending.getFirst();
            while (chain.length() > 0) {
                final long bytes = chain.firstBytes();
                final long took = sink.offer(chain.first(), chain.firstOffset(), bytes);
                if (took == 0) {
                    return (int) Math.min(taken, Integer.MAX_VALUE);
                }
                chain.take(took);
                pendingBytes -= took;
                taken += took;
            }
            pending.removeFirst().close();
        }
        return (int) Math.min(taken, Integer.MAX_VALUE);
    }

    /** Ends the row group that is being built, if it has rows. */
    public void endRowGroup() {
        if (groupRows == 0) {
            return;
        }
        final List<FinishedChunk> finishedChunks = new ArrayList<>();
        final ArrayDeque<ByteChain> filters = new ArrayDeque<>();
        long at = offset;
        try {
            for (final ColumnChunkWriter chunk : chunks) {
                final FinishedChunk done = chunk.finish();
                finishedChunks.add(done);
                if (done.filter() != null) {
                    filters.add(done.filter());
                }
                if (done.head() != null) {
                    enqueue(done.head());
                }
                enqueue(done.pages());
                at += done.storedBytes();
            }
            at = endWithFilters(at, finishedChunks, filters);
        } finally {
            // None is left, but where there was no room for all of this.
            filters.forEach(ByteChain::close);
        }
        offset = at;
        groupRows = 0;
    }

    /** Where the row group ends. @param filters taken from here as they are queued. */
    private long endWithFilters(
            final long from, final List<FinishedChunk> finishedChunks, final ArrayDeque<ByteChain> filters) {
        long at = from;
        final long[] filterOffsets = new long[finishedChunks.size()];
        for (int i = 0; i < filterOffsets.length; i++) {
            final FinishedChunk chunk = finishedChunks.get(i);
            if (chunk.filter() != null) {
                filterOffsets[i] = at;
                final byte[] header = bloomHeader(chunk.filterBytes());
                enqueue(header);
                enqueue(filters.remove());
                at += header.length + chunk.filterBytes();
            }
        }
        footer.addRowGroup(offset, groupRows, finishedChunks, filterOffsets);
        return at;
    }

    private static byte[] bloomHeader(final int bytes) {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            Util.writeBloomFilterHeader(
                    new BloomFilterHeader(
                            bytes,
                            BloomFilterAlgorithm.BLOCK(new SplitBlockAlgorithm()),
                            BloomFilterHash.XXHASH(new XxHash()),
                            BloomFilterCompression.UNCOMPRESSED(new Uncompressed())),
                    out);
        } catch (final IOException e) {
            throw new UncheckedIOException("a bloom filter's header, into memory", e);
        }
        return out.toByteArray();
    }

    /** Ends the file. True once the sink has all of it; until then {@link #doWork} goes on. */
    public boolean finish() {
        if (!finished) {
            endRowGroup();
            final byte[] end = footer.finish(offset, metadata);
            enqueue(end);
            offset += end.length;
            finished = true;
        }
        doWork();
        return pending.isEmpty();
    }

    /** What a manifest says of the file; once it is finished. */
    public FileStatistics statistics() {
        if (!finished) {
            throw new IllegalStateException("the file is not finished");
        }
        return footer.statistics(offset);
    }

    public int rowGroupCount() {
        return footer.rowGroupCount();
    }

    /** The file's first bytes and its last ones are small and come from the heap. */
    private void enqueue(final byte[] bytes) {
        final ByteChain chain = new ByteChain(memory, PENDING);
        enqueue(chain);
        chain.append(MemorySegment.ofArray(bytes), 0, bytes.length);
        pendingBytes += bytes.length;
    }

    private void enqueue(final ByteChain chain) {
        pending.addLast(chain);
        pendingBytes += chain.length();
    }

    /** Frees all memory; what the sink has not taken is lost. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        pending.forEach(ByteChain::close);
        pending.clear();
        chunks.forEach(ColumnChunkWriter::close);
        work.close();
    }
}
