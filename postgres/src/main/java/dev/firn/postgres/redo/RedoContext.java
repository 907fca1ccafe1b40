package dev.firn.postgres.redo;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.page.PageEditor;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import dev.firn.postgres.wal.WalRecord;
import java.lang.foreign.MemorySegment;

/** What a {@link PageRedo} works on: the record, the page, and the tools for both. It belongs to a {@link Redo}, which moves it. */
public final class RedoContext {
    private final PostgresVersion version;
    private final PageFlyweight page = new PageFlyweight();
    private final PageFlyweight copy = new PageFlyweight();
    private final PageEditor editor;
    private final RecordData main = new RecordData();
    private final RecordData blockData = new RecordData();
    private final MemorySegment copyMemory;

    private WalRecord record;
    private boolean hintBitsLogged;

    RedoContext(final PostgresVersion version, final MemorySegment copyMemory, final MemorySegment editorMemory) {
        this.version = version;
        this.editor = new PageEditor(editorMemory);
        this.copyMemory = copyMemory;
    }

    RedoContext wrap(final WalRecord borrowed, final MemorySegment pageMemory) {
        record = borrowed;
        page.wrap(pageMemory, 0);
        return this;
    }

    void hintBitsLogged(final boolean logged) {
        hintBitsLogged = logged;
    }

    /** Whose format the record has. */
    public PostgresVersion version() {
        return version;
    }

    /** The record. */
    public WalRecord record() {
        return record;
    }

    /** The record's operation: the resource manager's bits of its info byte. */
    public int operation() {
        return record.operation();
    }

    /** The end of the record: what the page's LSN becomes. */
    public long lsn() {
        return record.nextLsn();
    }

    /** The page to change. Its segment is this page and nothing else. */
    public PageFlyweight page() {
        return page;
    }

    /** Adds and removes items. */
    public PageEditor editor() {
        return editor;
    }

    /** XLogHintBitIsNeeded: page checksums or {@code wal_log_hints} are on, so that every change of a page must move its LSN. */
    public boolean hintBitsLogged() {
        return hintBitsLogged;
    }

    /** The record's main data, from their begin. One flyweight: the next call moves it back there. */
    public RecordData main() {
        return main.wrap(record.segment(), record.mainDataOffset(), record.mainDataLength());
    }

    /** What the record carries for a block, from its begin; empty when nothing. One flyweight: the next call moves it. */
    public RecordData blockData(final int block) {
        return blockData.wrap(record.segment(), record.blockDataOffset(block), record.blockDataLength(block));
    }

    /** A copy of the page as it is now, for redo that builds a page anew from its old content. One flyweight: the next call overwrites it. */
    public PageFlyweight copyOfPage() {
        MemorySegment.copy(page.segment(), page.base(), copyMemory, 0, PageLayout.PAGE_BYTES);
        return copy.wrap(copyMemory, 0);
    }

    /** Asks that the block is marked WILL_INIT: this redo makes the page from nothing. */
    public void requireInit(final int block) {
        if (!record.blockWillInit(block)) {
            throw new MalformedDataException("redo makes this page anew, but the record does not mark it so");
        }
    }

    /** Asks that the block is not marked WILL_INIT: this redo changes what is there. */
    public void requireNoInit(final int block) {
        if (record.blockWillInit(block)) {
            throw new MalformedDataException("the record marks this page as made anew, but redo changes what is there");
        }
    }

    /** For an operation of the resource manager that is none. */
    public MalformedDataException unknownOperation() {
        return new MalformedDataException("%s has no operation 0x%02X in %s"
                .formatted(ResourceManager.ofId(record.resourceManagerId()), record.operation(), version));
    }

    /** For a block that this kind of record does not have. */
    public MalformedDataException unexpectedBlock(final int block) {
        return new MalformedDataException("this kind of record has no block reference #" + block);
    }

    /** For a record that the page contradicts. */
    public MalformedDataException misfit(final String what) {
        return new MalformedDataException(what + " (the page's LSN is " + Lsn.format(page.lsn()) + ")");
    }
}
