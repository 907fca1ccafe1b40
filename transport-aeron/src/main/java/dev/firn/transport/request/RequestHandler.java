package dev.firn.transport.request;

import org.agrona.DirectBuffer;

/** What a server does with requests. */
public interface RequestHandler {
    /**
     * Answers a request as it arrives, where that takes no longer than to queue it. It is offered so when none of its client's waits before it.
     *
     * @param ticket as of {@link #onRequest}; over when this returns.
     * @param buffer borrowed for the length of the call: the message itself.
     * @return whether an answer was sent. If not, the request is queued, and handed out in its turn.
     */
    default boolean answerOnArrival(
            final long ticket, final int kind, final DirectBuffer buffer, final int offset, final int length) {
        return false;
    }

    /**
     * Takes a request: answers it at once, or keeps the ticket and answers later.
     *
     * @param ticket names the request to {@link RequestServer#respond} and its like, until it is answered or over.
     * @param kind what is asked for.
     * @param buffer borrowed for the length of the call.
     * @return false when there is no room for it now: it is handed out again in a later duty cycle.
     */
    boolean onRequest(long ticket, int sourceNodeId, int kind, DirectBuffer buffer, int offset, int length);

    /** Nobody waits for this request any more: it was cancelled, or its time is over. The ticket is over as well. */
    void onAbandoned(long ticket);
}
