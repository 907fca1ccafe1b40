package dev.firn.bench.micro;

import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.ForkedJvm;
import dev.firn.bench.harness.WorkerLoop;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * The process that hosts JMH: each {@link MicroJob} is measured by a fork of its own. Stands apart from the suite's process
 * because JMH speaks to the standard streams and is steered by system properties.
 */
public final class MicroWorker {
    static final int WARMUP_ITERATIONS = 2;
    private static final String ALLOCATION_METRIC = "gc.alloc.rate.norm";

    private MicroWorker() {}

    public static void main(final String[] arguments) throws IOException {
        final PrintStream answers = System.out;
        System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        new WorkerLoop<>(MicroJob.class, MicroWorker::run).serve(System.in, answers);
    }

    private static MicroMeasurement run(final MicroJob job) throws BenchmarkException {
        final ChainedOptionsBuilder options = new OptionsBuilder()
                .include(job.pattern())
                .mode(Mode.AverageTime)
                .timeUnit(TimeUnit.NANOSECONDS)
                .forks(1)
                .threads(1)
                .warmupIterations(WARMUP_ITERATIONS)
                .warmupTime(TimeValue.nanoseconds(job.warmupNs()))
                .measurementIterations(1)
                .measurementTime(TimeValue.nanoseconds(job.measureNs()))
                .addProfiler(GCProfiler.class)
                .jvm(ForkedJvm.javaExecutable())
                .jvmArgs(job.jvmFlags().toArray(String[]::new))
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
        job.parameters().forEach((name, value) -> options.param(name, value));
        final Collection<RunResult> results;
        try {
            results = new Runner(options.build()).run();
        } catch (final RunnerException e) {
            throw new BenchmarkException("JMH: " + e.getMessage(), e);
        }
        if (results.size() != 1) {
            throw new BenchmarkException(
                    "JMH ran " + results.size() + " benchmarks for " + job.pattern() + " instead of one");
        }
        return measurement(results.iterator().next());
    }

    private static MicroMeasurement measurement(final RunResult result) {
        long invocations = 0;
        for (final BenchmarkResult fork : result.getBenchmarkResults()) {
            invocations += fork.getMetadata().getMeasurementOps();
        }
        return new MicroMeasurement(
                result.getPrimaryResult().getScore(),
                invocations,
                result.getSecondaryResults().get(AllocationCounter.METRIC).getScore(),
                result.getSecondaryResults().get(ALLOCATION_METRIC).getScore());
    }
}
