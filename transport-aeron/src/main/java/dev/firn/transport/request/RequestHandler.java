package dev.firn.transport.request;

import org.agrona.DirectBuffer;

/** What a server does with requests. */
public interface RequestHandler {
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
