package dev.firn.pagestore.service;

import dev.firn.transport.codec.pages.GetPageDecoder;
import dev.firn.transport.codec.pages.GetPagesDecoder;
import dev.firn.transport.codec.pages.SlruSegmentDecoder;

/** How long requests take, from when they are taken until their answer is sent; and how long those wait for ingest that have to. */
public final class ServiceLatencies {
    private final ServiceLatency page = new ServiceLatency();
    private final ServiceLatency batch = new ServiceLatency();
    private final ServiceLatency other = new ServiceLatency();
    private final ServiceLatency wait = new ServiceLatency();

    ServiceLatencies() {}

    /** Of requests for one page. */
    public ServiceLatency page() {
        return page;
    }

    /** Of requests for several pages, segments of SLRUs among them. */
    public ServiceLatency batch() {
        return batch;
    }

    /** Of all others. */
    public ServiceLatency other() {
        return other;
    }

    /** From when a request was taken whose LSN was not ingested yet, until it was. */
    public ServiceLatency ingestWait() {
        return wait;
    }

    void answered(final PageRequest request, final long nowNs) {
        final ServiceLatency kind = switch (request.kind) {
            case GetPageDecoder.TEMPLATE_ID -> page;
            case GetPagesDecoder.TEMPLATE_ID, SlruSegmentDecoder.TEMPLATE_ID -> batch;
            default -> other;
        };
        kind.record(nowNs - request.takenNs);
    }

    void waited(final PageRequest request, final long nowNs) {
        wait.record(nowNs - request.takenNs);
    }
}
