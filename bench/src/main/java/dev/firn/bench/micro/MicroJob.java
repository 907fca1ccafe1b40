package dev.firn.bench.micro;

import java.util.List;
import java.util.Map;

/**
 * One sample that a {@link MicroWorker} is asked for.
 *
 * @param type the class of the JMH benchmark.
 * @param parameters its parameters' values.
 * @param jvmFlags of the fork that measures.
 * @param warmupNs each of the warm-up iterations.
 * @param measureNs the one that is measured.
 */
record MicroJob(
        String type,
        String method,
        Map<String, String> parameters,
        List<String> jvmFlags,
        long warmupNs,
        long measureNs) {
    /** The pattern that selects this method alone. */
    String pattern() {
        return "^" + type.replace(".", "\\.") + "\\." + method + "$";
    }
}
