package dev.firn.server.endpoint;

/** What may be asked of a running system by POST. Called on the endpoint's threads: returns soon, and never waits for a role. */
@FunctionalInterface
public interface Control {
    /** An answer: the HTTP status code, and one JSON document. */
    record Answer(int code, String body) {}

    /**
     * @param path with its slash at the beginning.
     * @param body at most {@link StatusEndpoint#MAX_REQUEST_BYTES} long.
     */
    Answer post(String path, String body);
}
