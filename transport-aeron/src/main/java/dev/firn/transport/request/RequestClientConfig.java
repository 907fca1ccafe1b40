package dev.firn.transport.request;

import dev.firn.nativeio.network.Endpoint;

/**
 * The limits of a {@link RequestClient}.
 *
 * @param maxInFlight requests without an answer yet.
 * @param maxBatchBytes length of a message with several requests.
 */
public record RequestClientConfig(int maxInFlight, int maxBatchBytes) {
    public static final int MAX_IN_FLIGHT_LIMIT = 1 << RequestClient.SLOT_BITS;
    public static final RequestClientConfig DEFAULT = new RequestClientConfig(1_024, 64 << 10);

    public RequestClientConfig {
        if (maxInFlight < 1 || maxInFlight > MAX_IN_FLIGHT_LIMIT) {
            throw new IllegalArgumentException(
                    maxInFlight + " requests in flight are not within 1.." + MAX_IN_FLIGHT_LIMIT);
        }
        if (maxBatchBytes < RequestLayout.FIRST_BODY || maxBatchBytes > Endpoint.MAX_MESSAGE_LENGTH) {
            throw new IllegalArgumentException("a batch of " + maxBatchBytes + " bytes is not within "
                    + RequestLayout.FIRST_BODY + ".." + Endpoint.MAX_MESSAGE_LENGTH);
        }
    }
}
