package dev.firn.bench;

import dev.firn.bench.harness.BenchOptions;
import dev.firn.bench.harness.BenchmarkInfo;
import java.io.PrintStream;
import java.util.List;

/** The one registry of benchmarks, and the entry of {@code firn bench}. */
public final class BenchSuite {
    private BenchSuite() {}

    /** All benchmarks, in the order in which they run. */
    public static List<BenchmarkInfo> list() {
        return List.of();
    }

    /**
     * Runs what was asked for.
     *
     * @param out the table, or the one JSON document.
     * @param err progress and errors.
     * @return the exit code: 0 done, 1 when a benchmark failed, 2 for a name that does not exist.
     */
    public static int run(final BenchOptions options, final PrintStream out, final PrintStream err) {
        for (final String name : options.names()) {
            err.println("There is no benchmark " + name + ".");
            return 2;
        }
        out.flush();
        return 0;
    }
}
