package dev.firn.server.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.server.quorum.QuorumSnapshot;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The metrics of the quorum, made of the documents of a {@link QuorumSnapshot} at the moment of a scrape. Holds no state.
 *
 * <p>So a system shows the metrics of roles in processes of their own under its own address, as well as they do.
 */
final class QuorumMetrics implements MultiCollector {
    /** Of layers, as the keys of the document begin. */
    private static final List<String> LAYER_KINDS = List.of("delta", "image");

    private final Supplier<SystemSnapshot> snapshots;

    QuorumMetrics(final Supplier<SystemSnapshot> snapshots) {
        this.snapshots = snapshots;
    }

    @Override
    public MetricSnapshots collect() {
        final QuorumSnapshot quorum = snapshots.get().quorum();
        final Families families = new Families();
        for (final JsonNode node : quorum.walNodes()) {
            addNode(families, node, quorum.walNodes());
        }
        for (final JsonNode timeline : quorum.timelines()) {
            addTimeline(families, timeline);
        }
        for (final JsonNode server : quorum.pageServers()) {
            addPageServer(families, server);
        }
        return families.snapshots();
    }

    private static void addNode(final Families families, final JsonNode node, final List<JsonNode> all) {
        final Labels labels = Labels.of("node", node.path("id").asText());
        families.gauge(
                "firn_wal_node_up",
                "1 while the WAL node serves.",
                labels,
                node.path("state").asText().equals("up") ? 1 : 0);
        for (final JsonNode log : node.path("logs")) {
            final String timeline = log.path("timeline").asText();
            final Labels ofLog = labels.add("timeline", timeline);
            final long flushLsn = lsn(log.path("flushLsn"));
            final long archivedLsn = lsn(log.path("archivedLsn"));
            final long commitLsn = Math.max(flushLsn, highest(all, timeline, "commitLsn"));
            families.gauge(
                    "firn_wal_node_term",
                    "The highest term that the acceptor has promised.",
                    ofLog,
                    log.path("term").asLong());
            families.gauge("firn_wal_node_flush_lsn", "End of what the acceptor has flushed.", ofLog, flushLsn);
            families.gauge(
                    "firn_wal_node_commit_lsn",
                    "End of what the acceptor knows to be committed.",
                    ofLog,
                    lsn(log.path("commitLsn")));
            families.gauge(
                    "firn_wal_node_quorum_lag_bytes",
                    "By how much the acceptor's flushed WAL is behind what is committed.",
                    ofLog,
                    Math.max(0, highest(all, timeline, "commitLsn") - flushLsn));
            families.gauge(
                    "firn_wal_node_archive_lag_bytes",
                    "WAL that is committed and not in the object store yet.",
                    ofLog,
                    archivedLsn == 0 ? commitLsn - lsn(log.path("startLsn")) : Math.max(0, commitLsn - archivedLsn));
        }
        addCounters(families, "firn_wal_node_", "Counted by the WAL node.", labels, node.path("counters"));
        addCounters(families, "firn_transport_", "Counted by an endpoint.", labels, node.path("transport"));
        families.histogram(
                "firn_wal_node_flush_seconds",
                "Time of a flush of the WAL node's logs.",
                labels,
                node.path("flushLatency"));
    }

    /** What the page server says of a timeline; nothing while none has it. */
    private static void addPages(final Families families, final Labels labels, final JsonNode timeline) {
        final JsonNode pages = timeline.path("pages");
        if (!pages.isObject()) {
            return;
        }
        families.gauge(
                "firn_pages_up",
                "1 while the page server takes the timeline's WAL and answers reads.",
                labels,
                pages.path("state").asText().equals("live") ? 1 : 0);
        families.gauge("firn_pages_applied_lsn", "End of the ingested WAL.", labels, lsn(timeline.path("appliedLsn")));
        families.gauge(
                "firn_pages_uploaded_lsn",
                "Up to where the timeline is in layers of the object store.",
                labels,
                lsn(timeline.path("uploadedLsn")));
        families.gauge(
                "firn_pages_lag_bytes",
                "WAL that is committed and not ingested.",
                labels,
                pages.path("lagBytes").asLong());
        families.gauge(
                "firn_pages_forks",
                "Forks of relations that are known, those that are gone included.",
                labels,
                pages.path("forks").asLong());
        families.gauge(
                "firn_pages_floors",
                "Truncations, drops and copies that are known.",
                labels,
                pages.path("floors").asLong());
        for (final String kind : LAYER_KINDS) {
            final Labels ofKind = labels.add("kind", kind);
            families.gauge(
                    "firn_pages_layers",
                    "Layers of the timeline.",
                    ofKind,
                    pages.path(kind + "Layers").asLong());
            families.gauge(
                    "firn_pages_layer_bytes",
                    "Bytes of the timeline's layers, as they are stored.",
                    ofKind,
                    pages.path(kind + "Bytes").asLong());
        }
        addCounters(families, "firn_pages_", "Counted by the page server.", labels, pages.path("counters"));
    }

    private static void addPageServer(final Families families, final JsonNode server) {
        final Labels labels = Labels.of("node", server.path("id").asText());
        final JsonNode cache = server.path("blockCache");
        families.gauge(
                "firn_block_cache_up",
                "1 while the page server's block cache serves.",
                labels,
                cache.path("state").asText().equals("on") ? 1 : 0);
        families.gauge(
                "firn_block_cache_size_bytes",
                "Size of the block cache's file.",
                labels,
                cache.path("sizeBytes").asLong());
        families.gauge(
                "firn_block_cache_blocks",
                "Blocks in the block cache.",
                labels,
                cache.path("blocks").asLong());
        addCounters(families, "firn_block_cache_", "Counted by the block cache.", labels, cache.path("counters"));
        families.gauge(
                "firn_page_debt_bytes",
                "Bytes of layers that should be merged and are not: beyond a limit ingest is slowed in proportion.",
                labels,
                server.path("debtBytes").asLong());
        final JsonNode requests = server.path("requests");
        addCounters(families, "firn_page_service_", "Counted by the page service.", labels, requests.path("counters"));
        addCounters(
                families,
                "firn_page_service_envelope_",
                "Counted by the page service's envelope.",
                labels,
                requests.path("envelope"));
        final String help = "Time from taking a request to sending its answer.";
        families.histogram("firn_page_request_seconds", help, labels.add("kind", "page"), requests.path("pageLatency"));
        families.histogram(
                "firn_page_request_seconds", help, labels.add("kind", "batch"), requests.path("batchLatency"));
        families.histogram(
                "firn_page_request_seconds", help, labels.add("kind", "other"), requests.path("otherLatency"));
        families.histogram(
                "firn_page_ingest_wait_seconds",
                "Time that requests waited for ingest, of those that had to.",
                labels,
                requests.path("ingestWait"));
        final JsonNode reads = server.path("reads");
        addCounters(families, "firn_page_", "Counted by the shard's reads.", labels, reads.path("counters"));
        families.counts("firn_page_read_deltas", "Entries that a page was made of.", labels, reads.path("deltas"));
    }

    private static void addTimeline(final Families families, final JsonNode timeline) {
        final Labels labels = Labels.of("timeline", timeline.path("name").asText());
        families.gauge(
                "firn_timeline_commit_lsn", "End of the committed WAL.", labels, lsn(timeline.path("commitLsn")));
        addPages(families, labels, timeline);
        final JsonNode receiver = timeline.path("receiver");
        if (!receiver.isObject()) {
            return;
        }
        families.gauge(
                "firn_receiver_up",
                "1 while the receiver streams from its primary.",
                labels,
                receiver.path("state").asText().equals("streaming") ? 1 : 0);
        families.gauge(
                "firn_receiver_term",
                "The term in which the receiver proposes.",
                labels,
                receiver.path("term").asLong());
        families.gauge(
                "firn_receiver_lag_bytes",
                "WAL that the primary has written and the quorum has not flushed.",
                labels,
                receiver.path("lagBytes").asLong());
        families.counter(
                "firn_receiver_reconnects",
                "Connections to the primary after the first.",
                labels,
                receiver.path("reconnects").asLong());
        addCounters(families, "firn_receiver_", "Counted by the receiver.", labels, receiver.path("counters"));
        final JsonNode node = receiver.path("node");
        addCounters(
                families,
                "firn_transport_",
                "Counted by an endpoint.",
                Labels.of("node", node.asText()),
                receiver.path("transport"));
        families.histogram(
                "firn_receiver_commit_seconds",
                "Time from the arrival of WAL to its flush on a quorum.",
                labels,
                receiver.path("commitLatency"));
        for (final JsonNode acceptor : receiver.path("acceptors")) {
            families.gauge(
                    "firn_receiver_acceptor_lag_bytes",
                    "By how much an acceptor's flushed WAL is behind what the receiver has.",
                    labels.add("node", acceptor.path("node").asText()),
                    acceptor.path("lagBytes").asLong());
        }
    }

    private static void addCounters(
            final Families families,
            final String prefix,
            final String help,
            final Labels labels,
            final JsonNode counters) {
        for (final Map.Entry<String, JsonNode> counter : counters.properties()) {
            families.counter(
                    prefix + snakeCase(counter.getKey()),
                    help,
                    labels,
                    counter.getValue().asLong());
        }
    }

    /** {@code sentBytes} as metrics write it: {@code sent_bytes}. */
    private static String snakeCase(final String key) {
        final StringBuilder name = new StringBuilder();
        key.chars().forEach(c -> {
            if (Character.isUpperCase(c)) {
                name.append('_').append((char) Character.toLowerCase(c));
            } else {
                name.append(c == '-' ? '_' : (char) c);
            }
        });
        return name.toString();
    }

    private static long highest(final List<JsonNode> nodes, final String timeline, final String key) {
        long highest = 0;
        for (final JsonNode node : nodes) {
            for (final JsonNode log : node.path("logs")) {
                if (log.path("timeline").asText().equals(timeline)) {
                    highest = Math.max(highest, lsn(log.path(key)));
                }
            }
        }
        return highest;
    }

    private static long lsn(final JsonNode text) {
        return text.isTextual() ? Lsn.parse(text.asText()) : 0;
    }

    /** Data points by the name of their metric: one name must come once, with all its points. */
    private static final class Families {
        private final Map<String, GaugeSnapshot.Builder> gauges = new TreeMap<>();
        private final Map<String, CounterSnapshot.Builder> counters = new TreeMap<>();
        private final Map<String, HistogramSnapshot.Builder> histograms = new TreeMap<>();

        void gauge(final String name, final String help, final Labels labels, final double value) {
            gauges.computeIfAbsent(
                            name, key -> GaugeSnapshot.builder().name(key).help(help))
                    .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                            .labels(labels)
                            .value(value)
                            .build());
        }

        void counter(final String name, final String help, final Labels labels, final double value) {
            counters.computeIfAbsent(
                            name, key -> CounterSnapshot.builder().name(key).help(help))
                    .dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                            .labels(labels)
                            .value(value)
                            .build());
        }

        /** @param counts of whole numbers: buckets by {@code upTo}, with {@code count} and {@code sum}; nothing is shown of none. */
        void counts(final String name, final String help, final Labels labels, final JsonNode counts) {
            if (!counts.isObject()) {
                return;
            }
            final List<Double> bounds = new ArrayList<>();
            final List<Long> pages = new ArrayList<>();
            for (final JsonNode bucket : counts.path("buckets")) {
                final JsonNode bound = bucket.path("upTo");
                bounds.add(bound.isNull() ? Double.POSITIVE_INFINITY : bound.asDouble());
                pages.add(bucket.path("count").asLong());
            }
            histograms
                    .computeIfAbsent(
                            name, key -> HistogramSnapshot.builder().name(key).help(help))
                    .dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder()
                            .labels(labels)
                            .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, pages))
                            .sum(counts.path("sum").asDouble())
                            .build());
        }

        /** @param latency as {@link dev.firn.server.quorum.LatencyDocument} writes it; nothing is shown of none. */
        void histogram(final String name, final String help, final Labels labels, final JsonNode latency) {
            if (!latency.isObject()) {
                return;
            }
            final List<Double> bounds = new ArrayList<>();
            final List<Long> counts = new ArrayList<>();
            for (final JsonNode bucket : latency.path("buckets")) {
                final JsonNode bound = bucket.path("belowSeconds");
                bounds.add(bound.isNull() ? Double.POSITIVE_INFINITY : bound.asDouble());
                counts.add(bucket.path("count").asLong());
            }
            histograms
                    .computeIfAbsent(
                            name,
                            key -> HistogramSnapshot.builder()
                                    .name(key)
                                    .help(help)
                                    .unit(Unit.SECONDS))
                    .dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder()
                            .labels(labels)
                            .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, counts))
                            .sum(latency.path("sumSeconds").asDouble())
                            .build());
        }

        MetricSnapshots snapshots() {
            final List<MetricSnapshot> all = new ArrayList<>();
            gauges.values().forEach(builder -> all.add(builder.build()));
            counters.values().forEach(builder -> all.add(builder.build()));
            histograms.values().forEach(builder -> all.add(builder.build()));
            return new MetricSnapshots(all);
        }
    }
}
