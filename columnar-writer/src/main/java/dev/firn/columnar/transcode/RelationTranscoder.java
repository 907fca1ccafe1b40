package dev.firn.columnar.transcode;

import dev.firn.columnar.batch.RowBatch;
import dev.firn.columnar.rebuild.Doubts;
import dev.firn.columnar.rebuild.ResidueWriter;
import dev.firn.columnar.rebuild.RunRows;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.compression.Decompressor;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.tuple.DeformedRows;
import dev.firn.postgres.tuple.Detoaster;
import dev.firn.postgres.tuple.TupleBatch;
import dev.firn.postgres.value.DatumPrinter;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Turns the heap of one relation into files: the visible rows into some, all other row versions into others, both in the order of block and offset
 * number. For one relation and one thread.
 *
 * <p>Runs of blocks are read into one memory, their tuples taken apart together, and each attribute appended to its column. Nothing is allocated for a
 * row or a value, but to grow to the largest. What an error names is the relation, the block, the offset number and the attribute; then nothing of the
 * relation stays.
 */
public final class RelationTranscoder implements AutoCloseable {
    private static final int NONE = -1;
    private static final MemoryTag PAGES = MemoryTag.of("lake-heap-pages");

    private final TableSource source;
    private final TranscodeConfig config;
    private final OffHeapMemory memory;
    private final Decompressor decompressor = new Decompressor();
    private final ColumnFiller filler;
    private final TupleRun run;
    private final DeformedRows visibleRows;
    private final DeformedRows deadRows;
    private final RunRows visiblePages;
    private final RunRows deadPages;
    private final DeadRows dead;
    private final ExternalBytes external;
    private final RowFile visibleFile;
    private final RowFile deadFile;
    private final RowFile residueFile;
    private final ResidueWriter residue;

    /** Null until the first block. */
    private MemorySegment pages;

    /**
     * @param prefix of the names of files with visible rows, as {@code part}.
     * @param deadPrefix of the names of files with others.
     * @param residuePrefix of the names of files with what the rows do not say of their pages.
     * @param memory borrowed: what is read, the columns, and what waits to be written come from it.
     */
    public RelationTranscoder(
            final TableSource source,
            final int postgresMajor,
            final TranscodeConfig config,
            final OffHeapMemory memory,
            final LakeFolder folder,
            final String prefix,
            final String deadPrefix,
            final String residuePrefix) {
        this.source = source;
        this.config = config;
        this.memory = memory;
        final DatumPrinter printer = new DatumPrinter(postgresMajor, decompressor);
        filler = new ColumnFiller(
                new ValueAppender(printer, source.database().encoding()), new Detoaster(source.toast(), decompressor));
        run = new TupleRun(config.runBlocks());
        visibleRows = new DeformedRows(source.plan(), run.visible());
        deadRows = new DeformedRows(source.plan(), run.dead());
        visiblePages = new RunRows(visibleRows, new Doubts(source.form()));
        deadPages = new RunRows(deadRows, new Doubts(source.form()));
        dead = new DeadRows(source.plan());
        external = new ExternalBytes(source.plan());
        visibleFile = new RowFile(source.schema(), config.parquet(), memory, folder, prefix, metadata("visible"));
        deadFile = new RowFile(source.schema(), config.parquet(), memory, folder, deadPrefix, metadata("dead"));
        residueFile = new RowFile(
                source.form().residueSchema(),
                NONE,
                config.parquet(),
                memory,
                folder,
                residuePrefix,
                metadata("residue"));
        residue = new ResidueWriter(source.form(), memory, source.checksums());
    }

    private Map<String, String> metadata(final String rows) {
        final Map<String, String> all = new LinkedHashMap<>(source.metadata());
        all.put("firn.rows", rows);
        return all;
    }

    /**
     * Transcodes all blocks.
     *
     * @param progress hears after each run.
     * @throws MalformedDataException when a page, a tuple or a value is damaged, or the catalogs are not of this heap.
     */
    public TranscodedTable transcode(final TranscodeProgress progress) {
        return transcode(0, source.pages().blocks(source.locator(), Fork.MAIN), true, progress);
    }

    /**
     * Transcodes some blocks, the others being somebody else's. Where none of them has a visible row there is no file of visible rows; a relation
     * whose blocks all have none wants {@link #writeEmpty}.
     *
     * @param from a file's first block: a multiple of {@link TranscodeConfig#fileBlocks}.
     * @param to the block after the last one.
     * @throws MalformedDataException as {@link #transcode(TranscodeProgress)}; then nothing of these blocks stays.
     */
    public TranscodedTable transcode(final long from, final long to, final TranscodeProgress progress) {
        if (from % config.fileBlocks() != 0 || to < from) {
            throw new IllegalArgumentException(
                    "blocks from " + from + " to " + to + ": a file begins with a multiple of " + config.fileBlocks());
        }
        return transcode(from, to, false, progress);
    }

    /** Writes a file of visible rows without rows: a relation has its columns all the same. */
    public TranscodedTable writeEmpty() {
        return transcode(0, 0, true, (_, _) -> {});
    }

    private TranscodedTable transcode(
            final long from, final long to, final boolean requireFile, final TranscodeProgress progress) {
        try {
            for (long first = from; first < to; first += config.runBlocks()) {
                if (first % config.fileBlocks() == 0) {
                    visibleFile.begin(first);
                    deadFile.begin(first);
                    residueFile.begin(first);
                }
                transcode(first, (int) Math.min(config.runBlocks(), to - first));
                progress.moved(Math.min(to, first + config.runBlocks()) - from, to - from);
            }
            residueFile.finish();
            deadFile.finish();
            if (requireFile) {
                visibleFile.requireFile();
            } else {
                visibleFile.finish();
            }
            return new TranscodedTable(
                    to - from,
                    visibleFile.rows(),
                    visibleFile.bytes(),
                    visibleFile.files(),
                    deadFile.rows(),
                    deadFile.bytes(),
                    deadFile.files(),
                    residueFile.bytes(),
                    residueFile.files());
        } catch (final MalformedDataException e) {
            final MalformedDataException named = new MalformedDataException(source.name() + ": " + e.getMessage(), e);
            abandon(named);
            throw named;
        } catch (final RuntimeException | Error e) {
            abandon(e);
            throw e;
        }
    }

    private void abandon(final Throwable why) {
        visibleFile.abandon(why);
        deadFile.abandon(why);
        residueFile.abandon(why);
    }

    private void transcode(final long first, final int count) {
        if (pages == null) {
            pages = memory.allocate((long) config.runBlocks() * PageLayout.PAGE_BYTES, PAGES);
        }
        source.pages()
                .pages(
                        source.locator(),
                        Fork.MAIN,
                        first,
                        count,
                        pages.asSlice(0, (long) count * PageLayout.PAGE_BYTES));
        visiblePages.doubts().clear();
        deadPages.doubts().clear();
        run.scan(pages, first, count, source.checksums(), source.visibility());
        source.plan().deform(run.visible(), visibleRows);
        final boolean deadTogether = dead.deform(run.dead(), deadRows);
        final boolean oneSlice = sliceEnd(run.visible(), visibleRows, 0)
                        == run.visible().rows()
                && (deadTogether
                        ? sliceEnd(run.dead(), deadRows, 0) == run.dead().rows()
                        : !run.hasExternal());
        if (oneSlice) {
            appendTogether(first, count, deadTogether);
        } else {
            appendSlices(first, count, deadTogether);
        }
    }

    /** Appends all rows of a run, and while they are at hand the residue of its pages. */
    private void appendTogether(final long first, final int count, final boolean deadTogether) {
        visiblePages.begin(visibleFile.batch(), visibleFile.batch().rows(), true);
        deadPages.begin(deadFile.batch(), deadFile.batch().rows(), deadTogether);
        appendVisible(0, run.visible().rows());
        appendDead(deadTogether, false);
        final RowBatch pagesOut = residueFile.batch();
        final int pagesBefore = pagesOut.rows();
        for (int i = 0; i < count; i++) {
            visiblePages.next(pageEnd(run.visible(), visiblePages.end(), (int) (first + i)));
            deadPages.next(pageEnd(run.dead(), deadPages.end(), (int) (first + i)));
            residue.write(pages, (long) i * PageLayout.PAGE_BYTES, first + i, visiblePages, deadPages, pagesOut);
        }
        residueFile.endRows(pagesBefore + count, count);
        visibleFile.flushIfLarge(run.visible().rows());
        deadFile.flushIfLarge(run.dead().rows());
    }

    private static int pageEnd(final TupleBatch tuples, final int from, final int block) {
        int to = from;
        while (to < tuples.rows() && tuples.block(to) == block) {
            to++;
        }
        return to;
    }

    /** Appends the rows of a run whose values are too long to be in memory together; beside these its pages cost little. */
    private void appendSlices(final long first, final int count, final boolean deadTogether) {
        int from = 0;
        while (from < run.visible().rows()) {
            final int to = sliceEnd(run.visible(), visibleRows, from);
            appendVisible(from, to);
            visibleFile.flushIfLarge(to - from);
            from = to;
        }
        appendDead(deadTogether, true);
        final RowBatch pagesOut = residueFile.batch();
        final int pagesBefore = pagesOut.rows();
        for (int i = 0; i < count; i++) {
            residue.writeBytes(pages, (long) i * PageLayout.PAGE_BYTES, first + i, pagesOut);
        }
        residueFile.endRows(pagesBefore + count, count);
    }

    private int sliceEnd(final TupleBatch tuples, final DeformedRows rows, final int from) {
        return run.hasExternal() ? external.sliceEnd(tuples, rows, from, config.sliceBytes()) : tuples.rows();
    }

    private void appendVisible(final int from, final int to) {
        final RowBatch batch = visibleFile.batch();
        final int before = batch.rows();
        append(batch, run.visible(), visibleRows, visiblePages.doubts(), from, to, false);
        run.appendVisibleHeaders(batch, source.schema().firstHidden(), from, to);
        visibleFile.seal(before + to - from);
    }

    /** A version that nobody sees may be of a definition that the relation never got or has no more: then its columns are null. */
    private void appendDead(final boolean together, final boolean inSlices) {
        final TupleBatch tuples = run.dead();
        int from = 0;
        while (from < tuples.rows()) {
            final int to = together ? sliceEnd(tuples, deadRows, from) : from + 1;
            final RowBatch batch = deadFile.batch();
            final int before = batch.rows();
            if (together) {
                append(batch, tuples, deadRows, deadPages.doubts(), from, to, true);
            } else {
                appendAlone(batch, tuples, from);
            }
            run.appendDeadHeaders(batch, source.schema().firstHidden(), from, to);
            deadFile.seal(before + to - from);
            if (inSlices) {
                deadFile.flushIfLarge(to - from);
            }
            from = to;
        }
    }

    private void appendAlone(final RowBatch batch, final TupleBatch tuples, final int row) {
        if (dead.deformAlone(run.deadTuple(row), tuples, row)) {
            append(batch, dead.alone(), dead.aloneRows(), deadPages.doubts(), 0, 1, true);
        } else {
            for (int i = 0; i < source.schema().columnCount(); i++) {
                batch.column(i).appendNull();
            }
        }
    }

    private void append(
            final RowBatch batch,
            final TupleBatch tuples,
            final DeformedRows rows,
            final Doubts doubts,
            final int from,
            final int to,
            final boolean lenient) {
        final TableSchema schema = source.schema();
        for (int i = 0; i < schema.columnCount(); i++) {
            final LakeColumn column = schema.column(i);
            filler.fill(
                    column,
                    tuples,
                    rows,
                    doubts,
                    from,
                    to,
                    batch.column(i),
                    column.overflow() < 0
                            ? null
                            : batch.column(schema.overflowColumn()).child(column.overflow()),
                    lenient);
        }
    }

    @Override
    public void close() {
        visibleFile.close();
        deadFile.close();
        residueFile.close();
        residue.close();
        if (pages != null) {
            memory.free(pages);
        }
        decompressor.close();
    }
}
