package dev.firn.transport.request;

/**
 * The limits of a {@link RequestServer}.
 *
 * @param maxClients nodes that are served; each costs {@code requestsPerClient × maxRequestBytes}.
 * @param requestsPerClient requests of one client that are queued or in progress.
 * @param inProgressPerClient requests of one client that the handler has and has not answered.
 * @param maxRequestBytes longest request.
 * @param maxTimeoutNs longest time that a request is kept for, whatever its client says.
 */
public record RequestServerConfig(
        int maxClients, int requestsPerClient, int inProgressPerClient, int maxRequestBytes, long maxTimeoutNs) {
    public static final RequestServerConfig DEFAULT = new RequestServerConfig(64, 256, 128, 512, 60_000_000_000L);

    /** Clients and slots are named with 16 bits. */
    private static final int MAX_CLIENTS = 1 << 16;

    /** One more is for what is answered as it arrives. */
    private static final int MAX_SLOTS = (1 << 16) - 1;

    public RequestServerConfig {
        if (maxClients < 1 || maxClients > MAX_CLIENTS) {
            throw new IllegalArgumentException(maxClients + " clients are not within 1.." + MAX_CLIENTS);
        }
        if (requestsPerClient < 1 || requestsPerClient > MAX_SLOTS) {
            throw new IllegalArgumentException(requestsPerClient + " requests a client are not within 1.." + MAX_SLOTS);
        }
        if (inProgressPerClient < 1 || inProgressPerClient > requestsPerClient) {
            throw new IllegalArgumentException(
                    inProgressPerClient + " requests in progress are not within 1.." + requestsPerClient);
        }
        if (maxRequestBytes < 0 || (long) maxRequestBytes * requestsPerClient > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(
                    requestsPerClient + " requests of " + maxRequestBytes + " bytes do not fit one array");
        }
        if (maxTimeoutNs < 1) {
            throw new IllegalArgumentException("a longest timeout of " + maxTimeoutNs + " ns is none");
        }
    }
}
