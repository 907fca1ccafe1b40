package dev.firn.postgres.wal;

import dev.firn.postgres.lsn.Lsn;

/**
 * Where a log ends, and why.
 *
 * @param lsn the end of the last good record: where the next one would start.
 * @param faultLsn the page or record at which the reason was seen.
 * @param expected what should have been there, in the reason's own terms; 0 when that says nothing.
 * @param found what was there.
 * @param abortedRecordLsn the record that began and does not go on over its page's end (abortedRecPtr), or
 *     {@link Lsn#INVALID}.
 * @param missingContrecordLsn the page that should have gone on with it (missingContrecPtr): a primary that starts from
 *     here writes XLOG_OVERWRITE_CONTRECORD there.
 */
public record WalEnd(
        WalEndReason reason,
        long lsn,
        long faultLsn,
        long expected,
        long found,
        long abortedRecordLsn,
        long missingContrecordLsn) {

    /** One sentence. */
    public String describe() {
        final StringBuilder text = new StringBuilder("the log ends at ")
                .append(Lsn.format(lsn))
                .append(": ")
                .append(reason.sentence());
        final String detail = switch (reason) {
            case STALE_PAGE, WRONG_PREV_LINK, WRONG_OVERWRITTEN_RECORD ->
                " (" + Lsn.format(found) + (expected == 0 ? "" : ", not " + Lsn.format(expected)) + ")";
            case BAD_CRC, WRONG_PAGE_MAGIC, WRONG_SYSTEM ->
                " (" + Long.toHexString(found) + ", not " + Long.toHexString(expected) + ")";
            case INVALID_PAGE_FLAGS -> " (" + Long.toHexString(found) + ")";
            case INVALID_RECORD_LENGTH,
                    RECORD_TOO_LONG,
                    WRONG_CONTRECORD_LENGTH,
                    TIMELINE_WENT_BACK,
                    WRONG_SEGMENT_SIZE,
                    WRONG_PAGE_SIZE -> " (" + found + ", not " + expected + ")";
            case INVALID_RESOURCE_MANAGER, PARTIAL_RECORD -> " (" + found + ")";
            case MALFORMED_RECORD -> " (" + RecordDefect.at((int) found).sentence() + ")";
            case NO_MORE_BYTES, ZEROES, MISSING_CONTRECORD, UNEXPECTED_CONTRECORD, INVALID_START -> "";
        };
        text.append(detail).append(", seen at ").append(Lsn.format(faultLsn));
        if (abortedRecordLsn != Lsn.INVALID) {
            text.append("; the record at ").append(Lsn.format(abortedRecordLsn)).append(" is incomplete");
        }
        return text.toString();
    }
}
