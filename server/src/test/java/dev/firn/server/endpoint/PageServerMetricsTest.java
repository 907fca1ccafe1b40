package dev.firn.server.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.server.quorum.QuorumSnapshot;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PageServerMetricsTest {
    private static final String DOCUMENT = """
        {"id": 4, "debtBytes": 77,
         "blockCache": {"state": "on", "sizeBytes": 1024, "blocks": 3, "counters": {"hits": 7, "readBytes": 9}},
         "requests": {"counters": {"page_requests": 5}, "envelope": {"backPressured": 2},
           "pageLatency": {"sumSeconds": 0.5, "buckets": [{"belowSeconds": 0.1, "count": 4}, {"belowSeconds": null, "count": 1}]}},
         "reads": {"counters": {"reads": 11, "cacheHits": 6},
           "deltas": {"count": 3, "sum": 12, "buckets": [{"upTo": 0, "count": 1}, {"upTo": null, "count": 2}]}}}
        """;

    @Test
    void shouldShowWhatAPageServerTells() throws Exception {
        final QuorumSnapshot quorum =
                new QuorumSnapshot(List.of(), List.of(), List.of(new ObjectMapper().readTree(DOCUMENT)), List.of());
        final SystemSnapshot snapshot = new SystemSnapshot(
                "up", "", 1, "", "", 0, 0, "", false, List.of(), Redundancy.NONE, null, quorum, Map.of());
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(out, new QuorumMetrics(() -> snapshot).collect());
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains(
                        "firn_block_cache_up{node=\"4\"} 1.0",
                        "firn_block_cache_hits_total{node=\"4\"} 7.0",
                        "firn_block_cache_read_bytes_total{node=\"4\"} 9.0",
                        "firn_page_service_page_requests_total{node=\"4\"} 5.0",
                        "firn_page_service_envelope_back_pressured_total{node=\"4\"} 2.0",
                        "firn_page_request_seconds_bucket{kind=\"page\",node=\"4\",le=\"0.1\"} 4",
                        "firn_page_reads_total{node=\"4\"} 11.0",
                        "firn_page_cache_hits_total{node=\"4\"} 6.0",
                        "firn_page_read_deltas_bucket{node=\"4\",le=\"+Inf\"} 3",
                        "firn_page_read_deltas_sum{node=\"4\"} 12.0",
                        "firn_page_debt_bytes{node=\"4\"} 77.0");
    }
}
