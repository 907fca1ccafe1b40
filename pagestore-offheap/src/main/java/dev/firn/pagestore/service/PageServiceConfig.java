package dev.firn.pagestore.service;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.page.PageLayout;
import dev.firn.transport.request.RequestServerConfig;

/**
 * The limits of a {@link PageService}.
 *
 * @param requests of the envelope: clients, requests of each.
 * @param maxRequests requests that wait for an LSN or are in progress, of all clients. Two clients may have all that they may.
 * @param maxPages most pages in one answer: {@code GetPages}, and a segment of an SLRU, which has 32. An answer is one message, of 1 MiB
 *     at most.
 * @param gathers answers of several pages that are put together at the same time; each costs {@code maxPages} pages of memory.
 * @param maxValuesBytes longest answer of {@code BaseFiles}, and of the scans behind {@code DatabaseSize}.
 * @param maxWaitNs longest time that ingest is waited for, whatever a client says.
 */
public record PageServiceConfig(
        RequestServerConfig requests, int maxRequests, int maxPages, int gathers, int maxValuesBytes, long maxWaitNs) {
    /** Longest lease: what a reader that died can keep from being collected. */
    public static final long MAX_LEASE_SECONDS = 3_600;

    /** A request of as many blocks as an answer has room for pages. */
    private static final int MAX_REQUEST_BYTES = 1_024;

    public static final PageServiceConfig DEFAULT = new PageServiceConfig(
            new RequestServerConfig(64, 256, 128, MAX_REQUEST_BYTES, 60_000_000_000L),
            1_024,
            64,
            16,
            64 << 10,
            60_000_000_000L);

    /** A part's number and its request's share a token. */
    private static final int MAX_REQUESTS_LIMIT = 1 << 16;

    public PageServiceConfig {
        if (maxRequests < 1 || maxRequests > MAX_REQUESTS_LIMIT) {
            throw new IllegalArgumentException(maxRequests + " requests are not within 1.." + MAX_REQUESTS_LIMIT);
        }
        final int most = (Endpoint.MAX_MESSAGE_LENGTH - PagesLayout.PAGES_AT - 64) / PageLayout.PAGE_BYTES;
        if (maxPages < Slru.PAGES_PER_SEGMENT || maxPages > most) {
            throw new IllegalArgumentException(
                    maxPages + " pages an answer are not within " + Slru.PAGES_PER_SEGMENT + ".." + most);
        }
        if (gathers < 1) {
            throw new IllegalArgumentException("without a gather, nobody can be answered with several pages");
        }
        if (maxValuesBytes < PageLayout.PAGE_BYTES || maxValuesBytes > most * PageLayout.PAGE_BYTES) {
            throw new IllegalArgumentException(maxValuesBytes + " bytes of values are not within "
                    + PageLayout.PAGE_BYTES + ".." + most * PageLayout.PAGE_BYTES);
        }
        if (maxWaitNs < 0) {
            throw new IllegalArgumentException("a longest wait of " + maxWaitNs + " ns is none");
        }
    }
}
