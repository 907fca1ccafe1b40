package dev.firn.walquorum.log;

import dev.firn.walquorum.acceptor.AcceptorState;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;

/** What a log was given and what it told to be durable, over all lives of its host: the oracle. */
final class LogLedger {
    static final long START_LSN = 0x1000;

    private static final Promise NO_PROMISE = Promise.NONE;

    /** What was given, as the log stands in memory. */
    private State given = new State(START_LSN);

    /** While a hand-over or a beginning anew is on its way either state may be found. */
    private State before;

    private long toldEndLsn = START_LSN;

    /** The log may begin from the first, which it told, to the second, which it was asked for. */
    private long toldStartLsn = START_LSN;

    private long askedStartLsn = START_LSN;

    private Promise promised = NO_PROMISE;
    private Promise toldPromise = NO_PROMISE;

    private boolean isMade;
    boolean isCalm;
    long toldBytes;
    long readBytes;
    long recentBytes;
    int recoveries;
    int promises;
    int trims;
    int beginnings;
    int timesFull;

    void onAppended(final CharSequence bytes) {
        given.bytes.append(bytes);
    }

    void onHandOver(final TermHistory history, final long endLsn) {
        before = given;
        given = before.copy();
        given.bytes.setLength((int) (endLsn - given.baseLsn));
        given.history.copyFrom(history);
    }

    void onBeginningAnew(final TermHistory history, final long lsn) {
        before = given;
        given = new State(lsn);
        given.history.copyFrom(history);
        beginnings++;
    }

    void onHandedOver() {
        before = null;
        toldEndLsn = given.endLsn();
        if (given.bytes.isEmpty()) {
            toldStartLsn = Math.min(given.baseLsn, toldStartLsn);
        }
        if (toldStartLsn < given.baseLsn) {
            toldStartLsn = given.baseLsn;
            askedStartLsn = given.baseLsn;
        }
    }

    void onFlushed(final long lsn) {
        if (lsn <= toldEndLsn || lsn > given.endLsn()) {
            throw new AssertionError("flushed to " + lsn + " after " + toldEndLsn + " of " + given.endLsn());
        }
        toldBytes += lsn - toldEndLsn;
        toldEndLsn = lsn;
    }

    void onPromise(final long term, final long candidate, final Membership membership) {
        promised = new Promise(term, candidate, membership);
    }

    void onPromiseDurable() {
        toldPromise = promised;
        promises++;
    }

    void onTrim(final long lsn) {
        askedStartLsn = Math.max(askedStartLsn, lsn);
    }

    void onTrimmed(final long startLsn) {
        if (startLsn < toldStartLsn || startLsn > askedStartLsn) {
            throw new AssertionError(
                    "trimmed to " + startLsn + ", told before " + toldStartLsn + ", asked for " + askedStartLsn);
        }
        toldStartLsn = startLsn;
        trims++;
    }

    void onBytes(final long lsn, final DirectBuffer buffer, final int offset, final int length) {
        final int at = (int) (lsn - given.baseLsn);
        final byte[] read = new byte[length];
        buffer.getBytes(offset, read);
        final String bytes = new String(read, StandardCharsets.US_ASCII);
        if (at < 0
                || at + length > given.bytes.length()
                || !bytes.contentEquals(given.bytes.subSequence(at, at + length))) {
            throw new AssertionError("read other bytes at " + lsn + " than were written");
        }
    }

    /** A new life found this; what it found is what it goes on with. */
    void onRecovered(final AcceptorState found) {
        recoveries++;
        isMade = true;
        final Promise foundPromise = new Promise(found.promisedTerm(), found.candidate(), found.membership());
        if (!foundPromise.equals(toldPromise) && !foundPromise.equals(promised)) {
            throw new AssertionError(foundPromise + " was found, told was " + toldPromise + ", on its way " + promised);
        }
        promised = foundPromise;
        toldPromise = foundPromise;
        if (before != null && before.isFound(found)) {
            if (found.flushedLsn() != before.endLsn()) {
                throw new AssertionError("the log ended at rest at " + before.endLsn() + ", and is found to end at "
                        + found.flushedLsn());
            }
            given = before;
        } else if (!given.isFound(found)) {
            throw new AssertionError(found + " is found, " + given.history + " was written");
        } else if (before != null && found.flushedLsn() != given.endLsn()) {
            throw new AssertionError(found + " is found with more or less than was handed over");
        } else if (before == null && found.flushedLsn() < toldEndLsn) {
            throw new AssertionError(toldEndLsn + " was told to be durable, " + found.flushedLsn() + " is found");
        }
        before = null;
        if (found.flushedLsn() > given.endLsn()) {
            throw new AssertionError("more is found than was written: " + found.flushedLsn() + " of " + given.endLsn());
        }
        given.bytes.setLength((int) (found.flushedLsn() - given.baseLsn));
        if (toldStartLsn < given.baseLsn) {
            toldStartLsn = given.baseLsn;
            askedStartLsn = Math.max(askedStartLsn, given.baseLsn);
        }
        if (found.startLsn() < toldStartLsn || found.startLsn() > Math.max(toldStartLsn, askedStartLsn)) {
            throw new AssertionError("the log is found to begin at " + found.startLsn() + ", told was " + toldStartLsn
                    + ", asked for " + askedStartLsn);
        }
        toldStartLsn = found.startLsn();
        askedStartLsn = found.startLsn();
        toldEndLsn = found.flushedLsn();
    }

    boolean isMade() {
        return isMade;
    }

    long endLsn() {
        return given.endLsn();
    }

    TermHistory history() {
        return given.history;
    }

    Promise promise() {
        return toldPromise;
    }

    boolean isPromiseOnItsWay() {
        return promised != toldPromise;
    }

    long toldEndLsn() {
        return toldEndLsn;
    }

    long toldStartLsn() {
        return toldStartLsn;
    }

    /** A log's content. */
    private static final class State {
        private final long baseLsn;
        private final StringBuilder bytes = new StringBuilder();
        private final TermHistory history = new TermHistory();

        State(final long baseLsn) {
            this.baseLsn = baseLsn;
        }

        long endLsn() {
            return baseLsn + bytes.length();
        }

        State copy() {
            final State copy = new State(baseLsn);
            copy.bytes.append(bytes);
            copy.history.copyFrom(history);
            return copy;
        }

        boolean isFound(final AcceptorState found) {
            final TermHistory trimmed = new TermHistory();
            trimmed.copyFrom(history);
            trimmed.trimBelow(found.startLsn());
            return trimmed.equals(found.history()) && history.lastTerm() == found.followedTerm();
        }
    }
}
