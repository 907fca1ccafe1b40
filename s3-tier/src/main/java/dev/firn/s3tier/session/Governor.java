package dev.firn.s3tier.session;

import dev.firn.s3tier.store.StoreLimits;
import java.util.ArrayList;
import java.util.List;

/**
 * The requests and bytes that may be on their way at once, over all sessions of a store.
 *
 * <p><b>Fair:</b> a session that waits and has less than its share (the limit divided by the sessions that have or want
 * something) is served before those that have more, in the order in which they began to wait; what it waits for is kept free for
 * it. So no session starves, and one alone may have everything. A session that is not polled keeps what it has, and one
 * request's room if it waits.
 *
 * <p>A request longer than the whole limit of bytes goes when nothing else does. Thread-safe.
 */
final class Governor {
    private final int mostRequests;
    private final long mostBytes;
    private final List<Share> waiting = new ArrayList<>();
    private int requests;
    private long bytes;
    private int active;

    /** Changes whenever something is given back: as long as it is the same, asking again is in vain. */
    private volatile int givenBack;

    Governor(final StoreLimits limits) {
        this.mostRequests = limits.requestsInFlight();
        this.mostBytes = limits.bytesInFlight();
    }

    /** What one session has, and what it waits for. Guarded by the governor. */
    static final class Share {
        private int requests;
        private boolean waiting;
        private long wantedBytes;

        private boolean isActive() {
            return requests > 0 || waiting;
        }
    }

    int givenBack() {
        return givenBack;
    }

    /** Takes room for one request; when there is none, the session waits from now on, until it gets some or leaves. */
    synchronized boolean tryTake(final Share share, final long wantedBytes) {
        final boolean wasActive = share.isActive();
        if (!wasActive) {
            active++;
        }
        if (!hasRoom(share, wantedBytes)) {
            if (!share.waiting) {
                share.waiting = true;
                waiting.add(share);
            }
            share.wantedBytes = wantedBytes;
            return false;
        }
        if (share.waiting) {
            share.waiting = false;
            waiting.remove(share);
        }
        share.requests++;
        requests++;
        bytes += wantedBytes;
        return true;
    }

    synchronized void giveBack(final Share share, final long takenBytes) {
        share.requests--;
        requests--;
        bytes -= takenBytes;
        if (!share.isActive()) {
            active--;
        }
        givenBack++;
    }

    /** The session has nothing left that waits. */
    synchronized void leave(final Share share) {
        if (!share.waiting) {
            return;
        }
        share.waiting = false;
        waiting.remove(share);
        if (!share.isActive()) {
            active--;
        }
        givenBack++;
    }

    private boolean hasRoom(final Share share, final long wantedBytes) {
        final boolean entitled = isEntitled(share);
        int keptRequests = 0;
        long keptBytes = 0;
        for (final Share other : waiting) {
            if (other == share) {
                if (entitled) {
                    break;
                }
            } else if (isEntitled(other)) {
                keptRequests++;
                keptBytes += other.wantedBytes;
            }
        }
        if (requests + keptRequests >= mostRequests) {
            return false;
        }
        return wantedBytes <= mostBytes - bytes - keptBytes || requests + keptRequests == 0;
    }

    private boolean isEntitled(final Share share) {
        return share.requests < Math.max(1, mostRequests / active);
    }
}
