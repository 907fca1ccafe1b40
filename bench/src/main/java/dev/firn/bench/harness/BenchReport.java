package dev.firn.bench.harness;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.List;

/**
 * The JSON document of {@code firn bench --json}.
 *
 * @param failures benchmarks that could not be carried out.
 */
public record BenchReport(Machine machine, List<Result> results, List<Failure> failures) {
    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    public BenchReport {
        results = List.copyOf(results);
        failures = List.copyOf(failures);
    }

    /** A benchmark, and why it has no result. */
    public record Failure(String name, String error) {}

    public String toJson() {
        try {
            return MAPPER.writeValueAsString(this);
        } catch (final JsonProcessingException e) {
            throw new IllegalStateException("the report is plain data and must be writable as JSON", e);
        }
    }
}
