package dev.firn.pagestore.service;

import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.transport.codec.pages.BaseFilesDecoder;
import dev.firn.transport.codec.pages.DatabaseSizeDecoder;
import dev.firn.transport.codec.pages.ExistsDecoder;
import dev.firn.transport.codec.pages.GetPageDecoder;
import dev.firn.transport.codec.pages.GetPagesDecoder;
import dev.firn.transport.codec.pages.LeaseDecoder;
import dev.firn.transport.codec.pages.LsnAtDecoder;
import dev.firn.transport.codec.pages.RelationSizeDecoder;
import dev.firn.transport.codec.pages.SlruSegmentDecoder;

/** What a request that has come asks for: whether it makes sense, and which keys it means. */
final class RequestIntake {
    private static final int NANOS_A_MICRO = 1_000;
    private static final int SLRUS = Slru.values().length;

    private final RequestReader reader;
    private final PageServiceConfig config;

    RequestIntake(final RequestReader reader, final PageServiceConfig config) {
        this.reader = reader;
        this.config = config;
    }

    /** What is wrong with a request that can be read, or null. */
    String objection(final int kind) {
        if (kind != LsnAtDecoder.TEMPLATE_ID
                && reader.lsn != PageService.NEWEST
                && Long.compareUnsigned(reader.sinceLsn, reader.lsn) > 0) {
            return "a page at " + Lsn.format(reader.lsn) + " cannot be known to be unchanged since "
                    + Lsn.format(reader.sinceLsn);
        }
        if (kind == GetPagesDecoder.TEMPLATE_ID && (reader.count < 1 || reader.count > config.maxPages())) {
            return reader.count + " pages in one request are not within 1.." + config.maxPages();
        }
        if (kind == SlruSegmentDecoder.TEMPLATE_ID && reader.slru >= SLRUS) {
            return "there is no SLRU of the number " + reader.slru;
        }
        if (kind == BaseFilesDecoder.TEMPLATE_ID
                && Long.compareUnsigned(reader.fromHigh, RequestReads.END_OF_FILES) >= 0) {
            return "there are no files from " + Long.toHexString(reader.fromHigh) + " on";
        }
        if (kind == LeaseDecoder.TEMPLATE_ID && reader.seconds > PageServiceConfig.MAX_LEASE_SECONDS) {
            return "a lease of " + reader.seconds + " s is longer than " + PageServiceConfig.MAX_LEASE_SECONDS
                    + " s: renew it in time";
        }
        return null;
    }

    /** The key of the one page that was read of. */
    long pageHigh() {
        return PageKeys.high(KeyClass.PAGE, reader.tablespace);
    }

    long pageMiddle() {
        return PageKeys.middle(reader.database, reader.relfilenode);
    }

    long pageLow() {
        return PageKeys.low(reader.fork, reader.block);
    }

    /** Fills in what was read. */
    void fill(final PageRequest request, final long ticket, final int kind, final int timeline, final long nowNs) {
        request.reset();
        request.ticket = ticket;
        request.kind = kind;
        request.timeline = timeline;
        request.lsn = reader.lsn;
        request.sinceLsn = reader.sinceLsn;
        switch (kind) {
            case GetPageDecoder.TEMPLATE_ID -> {
                key(request, KeyClass.PAGE);
                request.low = PageKeys.low(reader.fork, reader.block);
            }
            case GetPagesDecoder.TEMPLATE_ID -> {
                key(request, KeyClass.PAGE);
                request.low = PageKeys.low(reader.fork, 0);
                request.count = reader.count;
                for (int i = 0; i < reader.count; i++) {
                    request.blocks[i] = reader.block(i);
                }
            }
            case RelationSizeDecoder.TEMPLATE_ID, ExistsDecoder.TEMPLATE_ID -> {
                key(request, KeyClass.SIZE);
                request.low = PageKeys.low(reader.fork, 0);
            }
            case DatabaseSizeDecoder.TEMPLATE_ID -> {
                request.high = PageKeys.high(KeyClass.SIZE, reader.tablespace);
                request.middle = PageKeys.middle(reader.database, 0);
            }
            case SlruSegmentDecoder.TEMPLATE_ID -> {
                request.high = PageKeys.high(KeyClass.SLRU_SEGMENT, 0);
                request.low = PageKeys.low(reader.slru, reader.segment);
            }
            case BaseFilesDecoder.TEMPLATE_ID -> {
                final boolean within = Long.compareUnsigned(reader.fromHigh, RequestReads.BEGIN_OF_FILES) >= 0;
                request.high = within ? reader.fromHigh : RequestReads.BEGIN_OF_FILES;
                request.middle = within ? reader.fromMiddle : 0;
                request.low = within ? reader.fromLow : 0;
            }
            case LeaseDecoder.TEMPLATE_ID -> {
                request.middle = reader.holder;
                request.sum = reader.seconds;
            }
            default -> request.sum = reader.timestamp;
        }
        final long waitNs = Math.min(reader.waitUs * NANOS_A_MICRO, config.maxWaitNs());
        request.takenNs = nowNs;
        request.waitUntilNs = nowNs + waitNs;
    }

    private void key(final PageRequest request, final KeyClass keyClass) {
        request.high = PageKeys.high(keyClass, reader.tablespace);
        request.middle = PageKeys.middle(reader.database, reader.relfilenode);
    }
}
