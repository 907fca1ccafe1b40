package dev.firn.transport.request;

import org.agrona.DirectBuffer;

/** Hears of the end of each request, exactly once; not of cancelled ones. It may send other requests. */
public interface ResponseHandler {
    /**
     * @param token the caller's, as it was given with the request.
     * @param status {@link ResponseStatus#OK}, or the protocol's own.
     * @param buffer borrowed for the length of the call.
     */
    void onResponse(long token, int sourceNodeId, int status, DirectBuffer buffer, int offset, int length);

    void onFailure(long token, RequestFailure failure);
}
