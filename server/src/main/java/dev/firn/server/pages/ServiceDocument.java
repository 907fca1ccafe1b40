package dev.firn.server.pages;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.pagestore.service.PageService;
import dev.firn.pagestore.service.ServiceLatencies;
import dev.firn.pagestore.timeline.ReadCounters;
import dev.firn.server.quorum.LatencyTotal;
import dev.firn.server.quorum.StatusJson;

/** What a page server's service and its reads have done, with the keys of {@code status}. Thread-safe. */
final class ServiceDocument {
    private final PageService service;
    private final ReadCounters reads;
    private final LatencyTotal page = new LatencyTotal();
    private final LatencyTotal batch = new LatencyTotal();
    private final LatencyTotal other = new LatencyTotal();
    private final LatencyTotal ingestWait = new LatencyTotal();

    ServiceDocument(final PageService service, final ReadCounters reads) {
        this.service = service;
        this.reads = reads;
    }

    /** Adds its parts to a page server's document. */
    void addTo(final ObjectNode document) {
        final ObjectNode requests = document.putObject("requests");
        requests.set("counters", StatusJson.counters(service.counters()));
        requests.set("envelope", StatusJson.counters(service.server().counters()));
        final ServiceLatencies latencies = service.latencies();
        page.add(latencies.page()::takeInterval);
        batch.add(latencies.batch()::takeInterval);
        other.add(latencies.other()::takeInterval);
        ingestWait.add(latencies.ingestWait()::takeInterval);
        requests.set("pageLatency", page.document());
        requests.set("batchLatency", batch.document());
        requests.set("otherLatency", other.document());
        requests.set("ingestWait", ingestWait.document());
        addReads(document.putObject("reads"));
    }

    private void addReads(final ObjectNode document) {
        final ObjectNode counters = document.putObject("counters");
        counters.put("reads", reads.reads());
        counters.put("readsRefused", reads.refused());
        counters.put("cacheHits", reads.cacheHits());
        counters.put("cacheBases", reads.cacheBases());
        counters.put("cacheMisses", reads.cacheMisses());
        counters.put("blocksRead", reads.blocksRead());
        counters.put("blocksInVain", reads.blocksInVain());
        counters.put("readsDamaged", reads.damaged());
        final ObjectNode deltas = document.putObject("deltas");
        final ArrayNode buckets = deltas.putArray("buckets");
        long count = 0;
        for (int bucket = 0; bucket < ReadCounters.DELTA_BUCKETS; bucket++) {
            final long pages = reads.deltasRead(bucket);
            count += pages;
            final ObjectNode node = buckets.addObject();
            if (bucket == ReadCounters.DELTA_BUCKETS - 1) {
                node.putNull("upTo");
            } else {
                node.put("upTo", (1L << bucket) - 1);
            }
            node.put("count", pages);
        }
        deltas.put("count", count);
        deltas.put("sum", reads.deltas());
    }
}
