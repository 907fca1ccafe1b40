package dev.firn.bench.fio;

import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.BenchmarkInfo;
import dev.firn.bench.harness.Contender;
import dev.firn.bench.harness.Result;
import dev.firn.bench.harness.Sample;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * fio as the rival in one comparison: there with its best options, or missing by name.
 *
 * @param name what the result calls it; says why when it is missing.
 * @param fio null when it is missing.
 * @param job null when it is missing.
 */
public record FioRival(String name, Fio fio, FioJob job) {
    private static final Duration CALIBRATION_WARMUP = Duration.ofMillis(200);
    private static final Duration LONGEST_CALIBRATION = Duration.ofMillis(500);
    private static final String FILE_OPTION = "--filename=";

    /**
     * Looks for the variant that makes fio fastest: the rival is to be met at its best.
     *
     * @param how what the name says after fio's version.
     * @param variants options to try on top of the job's.
     */
    public static FioRival choose(
            final BenchContext context,
            final Optional<Fio> fio,
            final String variant,
            final String how,
            final FioJob job,
            final List<List<String>> variants)
            throws InterruptedException {
        if (fio.isEmpty()) {
            return new FioRival(Fio.MISSING, null, null);
        }
        context.progress().step(context.resultName(variant) + ": which options make fio fastest");
        final Duration measured =
                job.measured().compareTo(LONGEST_CALIBRATION) < 0 ? job.measured() : LONGEST_CALIBRATION;
        try {
            final FioJob best = fio.get().fastest(job.withDurations(CALIBRATION_WARMUP, measured), variants);
            return new FioRival(fio.get().version() + " " + how, fio.get(), job.withExtra(best.extra()));
        } catch (final BenchmarkException e) {
            return new FioRival(fio.get().version() + " (failed: " + e.getMessage() + ")", null, null);
        }
    }

    public boolean missing() {
        return job == null;
    }

    public Contender contender() {
        return new Contender(name, 1, () -> fio.run(job).toSample());
    }

    /**
     * Firn beside fio, or alone.
     *
     * @param samples of fio; null when it is missing.
     */
    public Result result(
            final BenchmarkInfo info,
            final String name,
            final List<Sample> firn,
            final List<Sample> samples,
            final String backend) {
        return missing()
                ? Result.alone(name, info.unit(), info.direction(), firn, this.name, Map.of("backend", backend))
                : Result.paired(
                        name,
                        info.unit(),
                        info.direction(),
                        firn,
                        this.name,
                        samples,
                        Map.of("backend", backend, "fio", options()));
    }

    /** All options but the file's name, which says nothing about the measurement and may say something about the user. */
    private String options() {
        return String.join(
                " ",
                job.arguments().stream()
                        .filter(argument -> !argument.startsWith(FILE_OPTION))
                        .toList());
    }
}
