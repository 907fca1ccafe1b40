package dev.firn.s3tier.simulation;

import dev.firn.s3tier.backend.AttemptResult;

/**
 * What the server says to a request.
 *
 * @param content what the answer's body is taken from; null when it has none.
 */
record ServerAnswer(AttemptResult result, Content content, long offset, long lengthBytes) {
    static ServerAnswer of(final AttemptResult result) {
        return new ServerAnswer(result, null, 0, 0);
    }
}
