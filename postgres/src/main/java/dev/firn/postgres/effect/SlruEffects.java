package dev.firn.postgres.effect;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.file.TransactionId;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.WalRecord;

/**
 * Records about SLRUs: CLOG (clog_redo of clog.c, access/clog.h), CommitTs (commit_ts_redo of commit_ts.c, access/commit_ts.h) and
 * MultiXact (multixact_redo and RecordNewMultiXact of multixact.c, access/multixact.h). Of versions, only the width of page numbers differs.
 */
final class SlruEffects {
    // The same of CLOG and CommitTs.
    private static final int ZERO_PAGE = 0x00;
    private static final int TRUNCATE = 0x10;

    private static final int ZERO_OFFSETS_PAGE = 0x00;
    private static final int ZERO_MEMBERS_PAGE = 0x10;
    private static final int CREATE = 0x20;
    private static final int TRUNCATE_MULTIXACTS = 0x30;

    /** MultiXactMember: transaction and status, an int each. */
    private static final int MEMBER_BYTES = 2 * Integer.BYTES;

    /** MultiXactStatusUpdate, the last one. */
    private static final int MAX_MEMBER_STATUS = 5;

    private final boolean longPageNumbers;

    SlruEffects(final PostgresVersion version) {
        longPageNumbers = version.slruPageNumberBytes() == Long.BYTES;
    }

    void tellTransactionStatus(final WalRecord record, final RecordData main, final EffectSink sink) {
        final int page = nextPage(main, Slru.XACT);
        switch (record.operation()) {
            case ZERO_PAGE -> {
                main.requireEnd();
                sink.slruPageZeroed(Slru.XACT, page);
            }
            case TRUNCATE -> {
                final int oldest = main.nextInt();
                final int database = main.nextInt();
                main.requireEnd();
                sink.oldestXid(oldest, database);
                sink.slruTruncated(Slru.XACT, page);
            }
            default -> throw EffectDecoder.unknown(record);
        }
    }

    void tellCommitTimestamps(final WalRecord record, final RecordData main, final EffectSink sink) {
        final int page = nextPage(main, Slru.COMMIT_TS);
        switch (record.operation()) {
            case ZERO_PAGE -> {
                main.requireEnd();
                sink.slruPageZeroed(Slru.COMMIT_TS, page);
            }
            case TRUNCATE -> {
                final int oldest = main.nextInt();
                main.requireEnd();
                sink.oldestCommitTimestampXid(oldest);
                sink.slruTruncated(Slru.COMMIT_TS, page);
            }
            default -> throw EffectDecoder.unknown(record);
        }
    }

    void tellMultiXact(final WalRecord record, final RecordData main, final EffectSink sink) {
        switch (record.operation()) {
            case ZERO_OFFSETS_PAGE -> tellZeroedPage(main, Slru.MULTIXACT_OFFSETS, sink);
            case ZERO_MEMBERS_PAGE -> tellZeroedPage(main, Slru.MULTIXACT_MEMBERS, sink);
            case CREATE -> tellCreation(record, main, sink);
            case TRUNCATE_MULTIXACTS -> tellTruncation(main, sink);
            default -> throw EffectDecoder.unknown(record);
        }
    }

    private void tellZeroedPage(final RecordData main, final Slru slru, final EffectSink sink) {
        final int page = nextPage(main, slru);
        main.requireEnd();
        sink.slruPageZeroed(slru, page);
    }

    /** xl_multixact_create. Members are counted on through 0; where the next ones begin, and which multixact that is, 0 is skipped. */
    private static void tellCreation(final WalRecord record, final RecordData main, final EffectSink sink) {
        final int multiXact = EffectDecoder.nextId(main, "multixact");
        final int offset = EffectDecoder.nextId(main, "place for members");
        final int members = EffectDecoder.nextCount(main, MEMBER_BYTES, "members");
        if (members == 0) {
            throw new MalformedDataException("a multixact without members");
        }
        sink.multiXactCreated(multiXact);
        sink.multiXactOffset(multiXact, offset);
        final int nextOffset = offset + members;
        sink.multiXactOffset(OffsetsPages.next(multiXact), nextOffset == 0 ? 1 : nextOffset);
        int latest = record.xid();
        for (int i = 0; i < members; i++) {
            final int xid = main.nextInt();
            final int status = main.nextInt();
            if (status < 0 || status > MAX_MEMBER_STATUS) {
                throw new MalformedDataException("a multixact's member has status " + status);
            }
            if (TransactionId.precedes(latest, xid)) {
                latest = xid;
            }
            sink.multiXactMember(offset + i, xid, status);
        }
        main.requireEnd();
        sink.nextMultiXact(multiXact + 1, nextOffset);
        Effects.tellUsed(latest, sink);
    }

    /**
     * xl_multixact_truncate. Of members the segments go from the one where the first removed member is up to, without, the one where
     * the first kept one is: they are no SLRU that Postgres cuts by circular order, as all of them may be in use. Of offsets the cut is one
     * before the oldest kept one, as the page of that one may not be there yet.
     */
    private static void tellTruncation(final RecordData main, final EffectSink sink) {
        final int database = main.nextInt();
        // The first removed multixact: Postgres doesn't use it either.
        main.nextInt();
        final int oldest = EffectDecoder.nextId(main, "oldest multixact");
        final int firstMember = main.nextInt();
        final int oldestMember = main.nextInt();
        main.requireEnd();
        sink.oldestMultiXact(oldest, database);
        final Slru members = Slru.MULTIXACT_MEMBERS;
        final int lastSegment = members.segment(members.lastPage());
        final int endSegment = members.segment(members.page(oldestMember));
        int segment = members.segment(members.page(firstMember));
        while (segment != endSegment) {
            sink.slruSegmentRemoved(members, segment);
            segment = segment == lastSegment ? 0 : segment + 1;
        }
        final int lastRemoved = oldest == 1 ? -1 : oldest - 1;
        sink.slruTruncated(Slru.MULTIXACT_OFFSETS, Slru.MULTIXACT_OFFSETS.page(lastRemoved));
    }

    private int nextPage(final RecordData main, final Slru slru) {
        final long page = longPageNumbers ? main.nextLong() : main.nextInt();
        if (page < 0 || page > slru.lastPage()) {
            throw new MalformedDataException(
                    slru.directory() + " has no page " + page + ": its last one is " + slru.lastPage());
        }
        return (int) page;
    }
}
