package dev.firn.postgres.wal;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.lsn.Lsn;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Steps through the records of a log that is fed in pieces.
 *
 * <pre>{@code
 * reader.begin(lsn);
 * while (true) {
 *     switch (reader.next()) {
 *         case RECORD -> use(reader.record());
 *         case NEEDS_BYTES -> reader.feed(from, bytes, 0, length); // from <= reader.neededLsn()
 *         case ENDED -> { return reader.end(); }
 *     }
 * }
 * }</pre>
 *
 * <p>Pieces may be of any size, one byte too. A piece is borrowed until {@link #next()} has said NEEDS_BYTES or ENDED; by
 * then, what is still needed of it has been copied. Whoever knows that no more bytes come says {@link #finish()}.
 *
 * <p>The checks and their order are those of XLogDecodeNextRecord and XLogReaderValidatePageHeader of xlogreader.c, but
 * one: Postgres goes back to the first page of a segment that it enters in the middle; here, whoever opens a segment file
 * checks its {@link WalSegmentHeader}.
 *
 * <p>Used by one thread at a time. Memory for records that cross pages grows with the bytes that have come, at most to twice
 * as much, and never past the configured limit; it comes from the given {@link OffHeapMemory}, which must hold the buffer
 * before and after it grows.
 */
public final class WalReader implements AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("wal-record");

    /** A page, or two records that are usual: small records never make the buffer grow. */
    private static final int FIRST_ASSEMBLY_BYTES = 16 << 10;

    private final WalReaderConfig config;
    private final OffHeapMemory memory;
    private final WalRecord record;

    /** A page header that came in pieces. */
    private final MemorySegment headerScratch;

    /** A record that came in pieces, or crosses a page. */
    private MemorySegment assembly;

    /** What was fed: the byte at LSN x is at {@code x + chunkShift} of it, up to {@code chunkEndLsn}. */
    private MemorySegment chunk = MemorySegment.NULL;

    private long chunkShift;
    private long chunkEndLsn;

    /** The next byte to look at. */
    private long position;

    /** Where the current page ends. At this position, a page header is next. */
    private long pageEnd;

    /** Bytes of the next page's header that have been copied. */
    private int headerGathered;

    /** Bytes of the current record that have been copied; when more than 0, the three below tell of it. */
    private long gathered;

    private long recordLsn;
    private long recordLength;
    private boolean headerValid;

    /** Where reading was asked to start. */
    private long startLsn;

    /** The first page is still to be entered: the start's place on it is to be found. */
    private boolean entering;

    /** Records before {@code startLsn} are passed over, and a continued one at the start is too. */
    private boolean seeking;

    /** The record before, or INVALID when the next record's link can only be checked for plausibility. */
    private long previousLsn;

    private long endOfLastRecord;

    /** A record that the primary lost and replaced; INVALID when the next one replaces none. */
    private long overwrittenLsn;

    private int lastTimeline;
    private boolean begun;
    private WalEnd end;

    /**
     * A reader that has yet to be told where to begin.
     *
     * @param memory where the buffers come from; not closed by this object.
     */
    public WalReader(final WalReaderConfig config, final OffHeapMemory memory) {
        this.config = Objects.requireNonNull(config, "config");
        this.memory = Objects.requireNonNull(memory, "memory");
        this.record = new WalRecord(config.version());
        this.headerScratch = memory.allocate(WalLayout.LONG_HEADER_BYTES, TAG);
        this.assembly = memory.allocateAtLeast(FIRST_ASSEMBLY_BYTES, TAG);
    }

    /** Gives the buffers back. */
    @Override
    public void close() {
        if (assembly != null) {
            memory.free(assembly);
            memory.free(headerScratch);
            assembly = null;
            begun = false;
        }
    }

    /**
     * Begins at a record, or at a page on which a record starts.
     *
     * @param lsn exactly where a record starts, or a page's first byte.
     */
    public void begin(final long lsn) {
        reset(lsn);
        seeking = false;
    }

    /** Begins at the first record at or after a position, which may be any. */
    public void beginAtOrAfter(final long lsn) {
        reset(lsn);
        seeking = true;
    }

    private void reset(final long lsn) {
        if (assembly == null) {
            throw new IllegalStateException("the WAL reader is closed");
        }
        if (lsn <= Lsn.INVALID || lsn > WalSegments.MAX_READABLE_LSN) {
            throw new IllegalArgumentException(Lsn.format(lsn) + " is no position to read WAL from");
        }
        startLsn = lsn;
        position = lsn & -WalLayout.PAGE_BYTES;
        pageEnd = position;
        headerGathered = 0;
        gathered = 0;
        entering = true;
        previousLsn = Lsn.INVALID;
        endOfLastRecord = lsn;
        overwrittenLsn = Lsn.INVALID;
        lastTimeline = 0;
        chunk = MemorySegment.NULL;
        chunkEndLsn = 0;
        end = null;
        begun = true;
    }

    /**
     * Feeds bytes. Those before {@link #neededLsn()} are ignored, so that whole pages can be given.
     *
     * @param lsn of the first byte.
     * @param bytes borrowed until {@link #next()} says NEEDS_BYTES or ENDED. Native memory, or a byte array's.
     * @throws IllegalArgumentException when bytes between the needed one and this one are missing.
     * @throws IllegalStateException when bytes of the piece before have not been looked at.
     */
    public void feed(final long lsn, final MemorySegment bytes, final long offset, final long lengthBytes) {
        Objects.checkFromIndexSize(offset, lengthBytes, bytes.byteSize());
        requireBegun();
        if (available() > 0 && end == null) {
            throw new IllegalStateException("fed WAL at " + Lsn.format(lsn) + " while bytes from "
                    + Lsn.format(position) + " on have not been looked at: call next() until it needs bytes");
        }
        if (lsn > position || lsn < 0) {
            throw new IllegalArgumentException("fed WAL at " + Lsn.format(lsn) + ", but the bytes from "
                    + Lsn.format(position) + " on are needed first");
        }
        chunk = bytes;
        chunkShift = offset - lsn;
        chunkEndLsn = lsn + lengthBytes;
    }

    /** The first byte that is needed. It may lie beyond what was fed: nobody needs the rest of a switched segment. */
    public long neededLsn() {
        requireBegun();
        return position;
    }

    /**
     * How many bytes from {@link #neededLsn()} on {@link #next()} needs to get on: exactly as many as complete the page
     * header, record header or record that it stands in, page headers in between included. 0 after the end. To be asked
     * after NEEDS_BYTES.
     */
    public long neededBytes() {
        requireBegun();
        if (end != null) {
            return 0;
        }
        if (position == pageEnd || headerGathered > 0) {
            return (long) headerWanted() - headerGathered;
        }
        if (gathered == 0 || !headerValid) {
            return Math.min(WalLayout.RECORD_HEADER_BYTES - gathered, pageEnd - position);
        }
        return bytesOnPages(recordLength - gathered);
    }

    /** How far a number of bytes reaches from here, with the headers of the pages in between. */
    private long bytesOnPages(final long bodyBytes) {
        long reach = Math.min(bodyBytes, pageEnd - position);
        long rest = bodyBytes - reach;
        for (long page = pageEnd; rest > 0; page += WalLayout.PAGE_BYTES) {
            final int header =
                    page % config.segmentBytes() == 0 ? WalLayout.LONG_HEADER_BYTES : WalLayout.SHORT_HEADER_BYTES;
            final long body = Math.min(rest, WalLayout.PAGE_BYTES - header);
            reach += header + body;
            rest -= body;
        }
        return reach;
    }

    /** The record that {@link #next()} came to: a flyweight, moved by the next call. */
    public WalRecord record() {
        return record;
    }

    /** Where and why the log ends; null before {@link #next()} or {@link #finish()} has said so. */
    public WalEnd end() {
        return end;
    }

    /** The timeline of the last page that was entered; 0 before the first. */
    public int timeline() {
        return lastTimeline;
    }

    /**
     * Says that no more bytes come. To be called after NEEDS_BYTES.
     *
     * @return why the log ends here: it was cut between records or within one.
     */
    public WalEnd finish() {
        requireBegun();
        if (end == null) {
            if (gathered > 0) {
                ended(WalEndReason.PARTIAL_RECORD, recordLsn, 0, gathered);
            } else {
                ended(WalEndReason.NO_MORE_BYTES, position, 0, 0);
            }
        }
        return end;
    }

    /** Moves to the next record, as far as the fed bytes go. */
    public WalStep next() {
        requireBegun();
        WalStep step = end == null ? null : WalStep.ENDED;
        while (step == null) {
            step = position == pageEnd || headerGathered > 0 ? enterPage() : readRecord();
        }
        return step;
    }

    private void requireBegun() {
        if (!begun) {
            throw new IllegalStateException("the WAL reader has not been told where to begin, or is closed");
        }
    }

    private long available() {
        return chunkEndLsn - position;
    }

    /** Looks at a page's header once it is there. Each turn ends, gathers all that is there, or moves into the page. */
    private WalStep enterPage() {
        if (headerGathered == 0 && available() >= WalLayout.LONG_HEADER_BYTES) {
            return enterPage(chunk, position + chunkShift, position);
        }
        do {
            final long bytes = Math.min(available(), headerWanted() - headerGathered);
            if (bytes <= 0) {
                return WalStep.NEEDS_BYTES;
            }
            MemorySegment.copy(chunk, position + chunkShift, headerScratch, headerGathered, bytes);
            headerGathered += (int) bytes;
            position += bytes;
        } while (headerGathered < headerWanted());
        final long page = position - headerGathered;
        headerGathered = 0;
        return enterPage(headerScratch, 0, page);
    }

    /** The first three fields tell how long the header is; a first page of a segment without the long one is refused. */
    private int headerWanted() {
        return headerGathered < WalLayout.SHORT_HEADER_BYTES
                ? WalLayout.SHORT_HEADER_BYTES
                : WalLayout.headerBytes(headerScratch.get(WalLayout.SHORT, WalLayout.PAGE_INFO));
    }

    private WalStep enterPage(final MemorySegment header, final long at, final long page) {
        final int info = Short.toUnsignedInt(header.get(WalLayout.SHORT, at + WalLayout.PAGE_INFO));
        // Where the end is seen, when there is one.
        position = page;
        pageEnd = page;
        if (isBadHeader(header, at, page, info)) {
            return WalStep.ENDED;
        }
        lastTimeline = header.get(WalLayout.INT, at + WalLayout.PAGE_TIMELINE);
        final long body = page + WalLayout.headerBytes(info);
        final long remaining = Integer.toUnsignedLong(header.get(WalLayout.INT, at + WalLayout.PAGE_REMAINING));
        final boolean continues = (info & WalLayout.FIRST_IS_CONTRECORD) != 0;
        if (entering) {
            return enterFirstPage(page, body, continues, remaining);
        }
        if (gathered > 0) {
            if ((info & WalLayout.FIRST_IS_OVERWRITE_CONTRECORD) != 0) {
                overwrittenLsn = recordLsn;
                gathered = 0;
            } else if (!continues) {
                return ended(WalEndReason.MISSING_CONTRECORD, page, 0, 0);
            } else if (remaining == 0 || recordLength != remaining + gathered) {
                return ended(WalEndReason.WRONG_CONTRECORD_LENGTH, page, recordLength - gathered, remaining);
            }
        } else if (continues) {
            return ended(WalEndReason.UNEXPECTED_CONTRECORD, page, 0, 0);
        }
        position = body;
        pageEnd = page + WalLayout.PAGE_BYTES;
        return null;
    }

    /** Finds the start's place: XLogDecodeNextRecord's way in, or XLogFindNextRecord's when seeking. */
    private WalStep enterFirstPage(final long page, final long body, final boolean continues, final long remaining) {
        final long nextPage = page + WalLayout.PAGE_BYTES;
        if (seeking) {
            final long first = continues ? body + WalLayout.alignUp(remaining) : body;
            if (first >= nextPage) {
                position = nextPage;
                pageEnd = nextPage;
                return null;
            }
            position = first;
        } else if (startLsn != page && startLsn < body) {
            return ended(WalEndReason.INVALID_START, startLsn, 0, 0);
        } else if (continues && (startLsn == page || startLsn == body)) {
            return ended(WalEndReason.UNEXPECTED_CONTRECORD, page, 0, 0);
        } else {
            position = startLsn == page ? body : startLsn;
            if (WalLayout.alignUp(position) != position) {
                return ended(WalEndReason.INVALID_START, startLsn, 0, 0);
            }
        }
        entering = false;
        pageEnd = nextPage;
        return null;
    }

    /** XLogReaderValidatePageHeader. */
    private boolean isBadHeader(final MemorySegment header, final long at, final long page, final int info) {
        final int magic = Short.toUnsignedInt(header.get(WalLayout.SHORT, at + WalLayout.PAGE_MAGIC));
        if (magic != config.version().walPageMagic()) {
            if (magic == 0) {
                ended(WalEndReason.ZEROES, page, 0, 0);
            } else {
                ended(WalEndReason.WRONG_PAGE_MAGIC, page, config.version().walPageMagic(), magic);
            }
            return true;
        }
        final boolean segmentStart = page % config.segmentBytes() == 0;
        final boolean longHeader = (info & WalLayout.LONG_HEADER) != 0;
        if ((info & ~WalLayout.ALL_PAGE_FLAGS) != 0 || (segmentStart && !longHeader)) {
            ended(WalEndReason.INVALID_PAGE_FLAGS, page, 0, info);
            return true;
        }
        if (longHeader && isForeign(header, at, page)) {
            return true;
        }
        final long address = header.get(WalLayout.LONG, at + WalLayout.PAGE_ADDRESS);
        if (address != page) {
            ended(WalEndReason.STALE_PAGE, page, page, address);
            return true;
        }
        final int timeline = header.get(WalLayout.INT, at + WalLayout.PAGE_TIMELINE);
        if (Integer.compareUnsigned(timeline, lastTimeline) < 0) {
            ended(
                    WalEndReason.TIMELINE_WENT_BACK,
                    page,
                    Integer.toUnsignedLong(lastTimeline),
                    Integer.toUnsignedLong(timeline));
            return true;
        }
        return false;
    }

    private boolean isForeign(final MemorySegment header, final long at, final long page) {
        final long system = header.get(WalLayout.LONG, at + WalLayout.PAGE_SYSTEM);
        final int segmentBytes = header.get(WalLayout.INT, at + WalLayout.PAGE_SEGMENT_BYTES);
        final int pageBytes = header.get(WalLayout.INT, at + WalLayout.PAGE_BLOCK_BYTES);
        if (config.systemIdentifier() != 0 && system != config.systemIdentifier()) {
            ended(WalEndReason.WRONG_SYSTEM, page, config.systemIdentifier(), system);
        } else if (segmentBytes != config.segmentBytes()) {
            ended(WalEndReason.WRONG_SEGMENT_SIZE, page, config.segmentBytes(), Integer.toUnsignedLong(segmentBytes));
        } else if (pageBytes != WalLayout.PAGE_BYTES) {
            ended(WalEndReason.WRONG_PAGE_SIZE, page, WalLayout.PAGE_BYTES, Integer.toUnsignedLong(pageBytes));
        } else {
            return false;
        }
        return true;
    }

    /** Stands within a page's body. Each turn ends, gathers all that is there, or passes a record. */
    private WalStep readRecord() {
        if (gathered == 0) {
            recordLsn = position;
            recordLength = 0;
            headerValid = false;
            final long here = Math.min(available(), pageEnd - position);
            if (here >= WalLayout.RECORD_HEADER_BYTES) {
                final long at = position + chunkShift;
                if (isBadRecordHeader(chunk, at)) {
                    return WalStep.ENDED;
                }
                if (recordLength <= here) {
                    return complete(chunk, at, position + recordLength);
                }
            }
        }
        return gather();
    }

    private WalStep gather() {
        final long goal = headerValid ? recordLength : WalLayout.RECORD_HEADER_BYTES;
        final long bytes = Math.min(goal - gathered, Math.min(chunkEndLsn, pageEnd) - position);
        if (bytes <= 0) {
            return WalStep.NEEDS_BYTES;
        }
        reserve(gathered + bytes);
        MemorySegment.copy(chunk, position + chunkShift, assembly, gathered, bytes);
        gathered += bytes;
        position += bytes;
        if (headerValid) {
            return gathered == recordLength ? complete(assembly, 0, position) : null;
        }
        if (gathered == WalLayout.RECORD_HEADER_BYTES) {
            return isBadRecordHeader(assembly, 0) ? WalStep.ENDED : completeIfHeaderOnly();
        }
        if (position == pageEnd) {
            // The header goes on over the page's end: its length is there, as records are aligned.
            recordLength = Integer.toUnsignedLong(assembly.get(WalLayout.INT, WalLayout.RECORD_LENGTH));
            return isTooShort() ? WalStep.ENDED : null;
        }
        return null;
    }

    private WalStep completeIfHeaderOnly() {
        return gathered == recordLength ? complete(assembly, 0, position) : null;
    }

    private boolean isTooShort() {
        if (recordLength >= WalLayout.RECORD_HEADER_BYTES) {
            return false;
        }
        if (recordLength == 0) {
            ended(WalEndReason.ZEROES, recordLsn, 0, 0);
        } else {
            ended(WalEndReason.INVALID_RECORD_LENGTH, recordLsn, WalLayout.RECORD_HEADER_BYTES, recordLength);
        }
        return true;
    }

    /** ValidXLogRecordHeader, and the limit on a record's length. */
    private boolean isBadRecordHeader(final MemorySegment source, final long at) {
        recordLength = Integer.toUnsignedLong(source.get(WalLayout.INT, at + WalLayout.RECORD_LENGTH));
        if (isTooShort()) {
            return true;
        }
        final int manager = Byte.toUnsignedInt(source.get(WalLayout.BYTE, at + WalLayout.RECORD_RESOURCE_MANAGER));
        final long prev = source.get(WalLayout.LONG, at + WalLayout.RECORD_PREV);
        if (!ResourceManager.isValid(manager)) {
            ended(WalEndReason.INVALID_RESOURCE_MANAGER, recordLsn, 0, manager);
        } else if (previousLsn == Lsn.INVALID && Long.compareUnsigned(prev, recordLsn) >= 0) {
            ended(WalEndReason.WRONG_PREV_LINK, recordLsn, 0, prev);
        } else if (previousLsn != Lsn.INVALID && prev != previousLsn) {
            ended(WalEndReason.WRONG_PREV_LINK, recordLsn, previousLsn, prev);
        } else if (recordLength > config.maxRecordBytes()) {
            ended(WalEndReason.RECORD_TOO_LONG, recordLsn, config.maxRecordBytes(), recordLength);
        } else {
            headerValid = true;
            return false;
        }
        return true;
    }

    /** The whole record is in memory. */
    private WalStep complete(final MemorySegment source, final long at, final long afterLastByte) {
        final int length = (int) recordLength;
        final int found = source.get(WalLayout.INT, at + WalLayout.RECORD_CRC);
        int crc = Crc32c.update(
                0, source, at + WalLayout.RECORD_HEADER_BYTES, recordLength - WalLayout.RECORD_HEADER_BYTES);
        crc = Crc32c.update(crc, source, at, WalLayout.RECORD_CRC);
        if (crc != found) {
            return ended(WalEndReason.BAD_CRC, recordLsn, Integer.toUnsignedLong(crc), Integer.toUnsignedLong(found));
        }
        final long nextLsn = afterRecord(source, at, afterLastByte);
        final RecordDefect defect = record.wrap(source, at, length, recordLsn, nextLsn);
        if (defect != null) {
            return ended(WalEndReason.MALFORMED_RECORD, recordLsn, 0, defect.ordinal());
        }
        if (isWrongOverwrite()) {
            return WalStep.ENDED;
        }
        if (nextLsn >= pageEnd) {
            pageEnd = nextLsn;
        }
        position = nextLsn;
        previousLsn = recordLsn;
        endOfLastRecord = nextLsn;
        gathered = 0;
        if (seeking && recordLsn < startLsn) {
            return null;
        }
        seeking = false;
        return WalStep.RECORD;
    }

    /** The next record's place: aligned; after XLOG_SWITCH the next segment. */
    private long afterRecord(final MemorySegment source, final long at, final long afterLastByte) {
        final long aligned = WalLayout.alignUp(afterLastByte);
        final int manager = source.get(WalLayout.BYTE, at + WalLayout.RECORD_RESOURCE_MANAGER);
        final int operation = source.get(WalLayout.BYTE, at + WalLayout.RECORD_INFO) & WalLayout.OPERATION_MASK;
        if (manager == ResourceManager.XLOG.id() && operation == WalLayout.XLOG_SWITCH) {
            return aligned + config.segmentBytes() - 1 & -config.segmentBytes();
        }
        return aligned;
    }

    /** VerifyOverwriteContrecord of xlogrecovery.c: the record names the one that it replaces. */
    private boolean isWrongOverwrite() {
        if (record.resourceManagerId() != ResourceManager.XLOG.id()
                || record.operation() != WalLayout.XLOG_OVERWRITE_CONTRECORD) {
            return false;
        }
        if (record.mainDataLength() < Long.BYTES) {
            ended(WalEndReason.MALFORMED_RECORD, recordLsn, 0, RecordDefect.OVERWRITE_LENGTH.ordinal());
            return true;
        }
        final long named = record.segment().get(WalLayout.LONG, record.mainDataOffset());
        if (overwrittenLsn != Lsn.INVALID && named != overwrittenLsn) {
            ended(WalEndReason.WRONG_OVERWRITTEN_RECORD, recordLsn, overwrittenLsn, named);
            return true;
        }
        overwrittenLsn = Lsn.INVALID;
        return false;
    }

    /** Doubles the buffer, so that a record's bytes are copied twice at most, and only bytes that came take memory. */
    private void reserve(final long bytes) {
        if (bytes <= assembly.byteSize()) {
            return;
        }
        final long wanted = Math.max(bytes, Math.min(recordLength, assembly.byteSize() * 2));
        final MemorySegment larger = memory.allocateAtLeast(wanted, TAG);
        MemorySegment.copy(assembly, 0, larger, 0, gathered);
        memory.free(assembly);
        assembly = larger;
    }

    private WalStep ended(final WalEndReason reason, final long faultLsn, final long expected, final long found) {
        final long firstPageEnd = (recordLsn & -WalLayout.PAGE_BYTES) + WalLayout.PAGE_BYTES;
        final boolean crossing = gathered > 0 && recordLsn + recordLength > firstPageEnd;
        final long lastRead = gathered == recordLength ? position - 1 : position;
        end = new WalEnd(
                reason,
                endOfLastRecord,
                faultLsn,
                expected,
                found,
                crossing ? recordLsn : Lsn.INVALID,
                crossing ? lastRead & -WalLayout.PAGE_BYTES : Lsn.INVALID);
        return WalStep.ENDED;
    }
}
