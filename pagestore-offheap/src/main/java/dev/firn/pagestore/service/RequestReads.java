package dev.firn.pagestore.service;

import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.transport.codec.pages.BaseFilesDecoder;
import dev.firn.transport.codec.pages.DatabaseSizeDecoder;
import dev.firn.transport.codec.pages.LsnAtDecoder;
import dev.firn.transport.codec.pages.SlruSegmentDecoder;

/** Begins the reads of requests, and gives them up. A read's token says which request it is for, and which part of it. */
final class RequestReads {
    /** The keys that a data directory is made of, beside pages. */
    static final long BEGIN_OF_FILES = PageKeys.high(KeyClass.SIZE, 0);

    static final long END_OF_FILES = PageKeys.high(KeyClass.COMMIT_TIME, 0);

    /** Which parts of a request are pending fits one long. */
    static final int MAX_PARTS = Long.SIZE;

    private final PageReads reads;
    private final int slots;
    private final int maxValuesBytes;

    /** @param slots how many requests there are. */
    RequestReads(final PageReads reads, final int slots, final int maxValuesBytes) {
        this.reads = reads;
        this.slots = slots;
        this.maxValuesBytes = maxValuesBytes;
    }

    /** Which request a read is for. */
    int slot(final long token) {
        return (int) (token % slots);
    }

    /** Which of its parts it is. */
    int part(final long token) {
        return (int) (token / slots);
    }

    /** Begins the request's next reads; false when there was no room for all. */
    boolean start(final PageRequest request) {
        if (request.gather != null) {
            return startParts(request);
        }
        return switch (request.kind) {
            case DatabaseSizeDecoder.TEMPLATE_ID ->
                scan(request, PageKeys.high(KeyClass.SIZE, PageKeys.tablespace(request.high)), endOfDatabase(request));
            case BaseFilesDecoder.TEMPLATE_ID -> scan(request, END_OF_FILES, 0);
            case LsnAtDecoder.TEMPLATE_ID -> reads.lsnAt(singleToken(request), request.timeline, request.sum);
            default ->
                reads.read(
                        singleToken(request),
                        request.timeline,
                        request.high,
                        request.middle,
                        request.low,
                        request.readLsn);
        };
    }

    private static long endOfDatabase(final PageRequest request) {
        // Of the highest oid, none: a scan may as well end with the tablespace's last key but one.
        final int database = PageKeys.database(request.middle);
        return database == -1 ? -1 : PageKeys.middle(database + 1, 0);
    }

    private boolean scan(final PageRequest request, final long toHigh, final long toMiddle) {
        return reads.scan(
                singleToken(request),
                request.timeline,
                request.high,
                request.middle,
                request.low,
                toHigh,
                toMiddle,
                0,
                request.readLsn,
                maxValuesBytes);
    }

    private boolean startParts(final PageRequest request) {
        while (request.begun < request.count) {
            final int part = request.begun;
            final boolean slru = request.kind == SlruSegmentDecoder.TEMPLATE_ID;
            final boolean taken = reads.read(
                    token(request, part),
                    request.timeline,
                    slru ? PageKeys.high(KeyClass.SLRU_PAGE, 0) : request.high,
                    request.middle,
                    PageKeys.low(PageKeys.fork(request.low), request.blocks[part]),
                    request.readLsn);
            if (!taken) {
                return false;
            }
            request.pending |= 1L << part;
            request.begun++;
        }
        return true;
    }

    /** Gives up all that is being read for a request. */
    void abandon(final PageRequest request) {
        if (request.gather == null) {
            reads.abandon(singleToken(request));
        }
        abandonParts(request);
    }

    /** Gives up the parts that have not come. */
    void abandonParts(final PageRequest request) {
        for (long rest = request.pending; rest != 0; rest &= rest - 1) {
            reads.abandon(token(request, Long.numberOfTrailingZeros(rest)));
        }
        request.pending = 0;
    }

    /** Of a read that is no part: one may be begun while the outcome of the one before is being told. */
    private long singleToken(final PageRequest request) {
        return token(request, MAX_PARTS - 1 - (request.step & 1));
    }

    private long token(final PageRequest request, final int part) {
        return (long) part * slots + request.slot;
    }
}
