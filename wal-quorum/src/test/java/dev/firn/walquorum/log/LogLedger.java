package dev.firn.walquorum.log;

import dev.firn.walquorum.term.TermHistory;
import org.agrona.DirectBuffer;

/** What a log was given and what it told to be durable, over all lives of its host: the oracle. */
final class LogLedger {
    static final long START_LSN = 0x1000;

    /** What was given, as the log stands in memory. */
    private final StringBuilder given = new StringBuilder();

    private final TermHistory givenHistory = new TermHistory();
    private final TermHistory toldHistory = new TermHistory();
    private long toldEnd;
    private long toldBytes;
    private long readBytes;
    private int recoveries;

    /** While a hand-over is on its way either state may be found. */
    private String beforeHandOver;

    private final TermHistory historyBeforeHandOver = new TermHistory();

    void onAppended(final CharSequence bytes) {
        given.append(bytes);
    }

    void onHandOver(final TermHistory history, final long endLsn) {
        beforeHandOver = given.toString();
        historyBeforeHandOver.copyFrom(givenHistory);
        given.setLength((int) (endLsn - START_LSN));
        givenHistory.copyFrom(history);
    }

    void onHandedOver() {
        beforeHandOver = null;
        toldHistory.copyFrom(givenHistory);
        toldEnd = given.length();
    }

    void onFlushed(final long lsn) {
        toldBytes += lsn - START_LSN - toldEnd;
        toldEnd = lsn - START_LSN;
    }

    void onRead(final long lsn, final DirectBuffer buffer, final int offset, final int length) {
        final int at = (int) (lsn - START_LSN);
        final String bytes = buffer.getStringWithoutLengthAscii(offset, length);
        if (at + length > given.length() || !bytes.contentEquals(given.subSequence(at, at + length))) {
            throw new AssertionError("read other bytes at " + lsn + " than were written");
        }
        readBytes += length;
    }

    /** A new life found this; what it found is what it goes on with. */
    void onRecovered(final long endLsn, final TermHistory history) {
        recoveries++;
        final int length = (int) (endLsn - START_LSN);
        if (beforeHandOver != null && history.equals(historyBeforeHandOver)) {
            if (length != beforeHandOver.length()) {
                throw new AssertionError(
                        "the log ended at rest at " + beforeHandOver.length() + ", and is found to end at " + length);
            }
            given.setLength(0);
            given.append(beforeHandOver);
            givenHistory.copyFrom(historyBeforeHandOver);
        } else if (!history.equals(givenHistory)) {
            throw new AssertionError(
                    "history " + history + " is found, " + givenHistory + " was written, " + toldHistory + " was told");
        } else if (beforeHandOver == null && length < toldEnd) {
            throw new AssertionError(toldEnd + " bytes were told to be durable, " + length + " are found");
        }
        if (length > given.length()) {
            throw new AssertionError("more is found than was written: " + length + " of " + given.length());
        }
        given.setLength(length);
        beforeHandOver = null;
        toldHistory.copyFrom(givenHistory);
        toldEnd = length;
    }

    long endLsn() {
        return START_LSN + given.length();
    }

    TermHistory history() {
        return givenHistory;
    }

    long toldEndLsn() {
        return START_LSN + toldEnd;
    }

    long toldBytes() {
        return toldBytes;
    }

    long readBytes() {
        return readBytes;
    }

    int recoveries() {
        return recoveries;
    }
}
