package dev.firn.pagestore.service;

import dev.firn.transport.request.RequestClientConfig;

/**
 * The limits of a {@link PageClient}.
 *
 * @param requests of the envelope: requests in flight, length of a batch.
 * @param maxPages most pages asked for in one {@code GetPages}; the server has such a limit as well.
 */
public record PageClientConfig(RequestClientConfig requests, int maxPages) {
    public static final PageClientConfig DEFAULT = new PageClientConfig(RequestClientConfig.DEFAULT, 64);

    public PageClientConfig {
        if (maxPages < 1 || maxPages > 1 << (Short.SIZE - 1)) {
            throw new IllegalArgumentException(maxPages + " pages in one request are not within 1..32768");
        }
    }
}
