package dev.firn.bench.pages;

import dev.firn.bench.fio.Fio;
import dev.firn.bench.fio.FioJob;
import dev.firn.bench.fio.FioRival;
import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.Benchmark;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.BenchmarkInfo;
import dev.firn.bench.harness.Contender;
import dev.firn.bench.harness.Direction;
import dev.firn.bench.harness.Sample;
import dev.firn.bench.harness.Worker;
import dev.firn.bench.meter.Measurement;
import dev.firn.bench.storage.DataFile;
import dev.firn.postgres.page.PageLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Pages of image layers whose blocks are in the block cache's file, and nothing of them in memory but the indexes; beside it fio's random reads of
 * 8 KiB at the same depth, of a file of as many bytes as the pages have. That file is written in full: of the cache's own, which is preallocated, a
 * part never is, and a read of an unwritten extent does not come to the device.
 */
public final class GetPageNvmeBenchmark implements Benchmark {
    private static final BenchmarkInfo INFO = new BenchmarkInfo(
            "getpage-nvme",
            "a shard's read of a page that is in a layer on the local disk, at depth 1 and 32; the median",
            "µs",
            Direction.LOWER_IS_BETTER,
            "fio io_uring, random reads of 8 KiB");
    private static final List<Integer> DEPTHS = List.of(1, 32);
    private static final int BLOCKS = 16_384;
    private static final String RIVAL_FILE = "rival.data";
    private static final int DEFAULT_ROUNDS = 5;
    private static final Duration DEFAULT_SAMPLE = Duration.ofSeconds(1);
    private static final Duration WARMUP = Duration.ofMillis(300);
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final List<String> FLAGS = List.of("-Xms256m", "-Xmx256m");

    @Override
    public BenchmarkInfo info() {
        return INFO;
    }

    @Override
    public void run(final BenchContext context) throws BenchmarkException, InterruptedException {
        final Path directory = PageDirectories.make(context, INFO.name());
        final DataFile file = new DataFile(directory.resolve(RIVAL_FILE), (long) BLOCKS * PageLayout.PAGE_BYTES);
        file.ensure(context.progress());
        final Optional<Fio> fio = Fio.find(System.getenv("PATH"), context.workDirectory(), context.resources());
        final Duration sample = context.sampleDurationOr(DEFAULT_SAMPLE);
        try (Worker worker = Worker.start(context, PageWorker.class, FLAGS)) {
            context.progress().step(INFO.name() + ": making layers, filling the cache");
            ask(worker, directory, 1, sample);
            for (final int depth : DEPTHS) {
                final String variant = "depth=" + depth;
                if (!context.selects(variant)) {
                    continue;
                }
                final FioJob job = new FioJob(
                        file.path(),
                        file.lengthBytes(),
                        "randread",
                        PageLayout.PAGE_BYTES,
                        depth,
                        WARMUP,
                        sample,
                        List.of());
                final FioRival rival = FioRival.choose(context, fio, variant, "io_uring", job, List.of(List.of()));
                final List<Measurement> measured = new ArrayList<>();
                final List<Contender> contenders = new ArrayList<>();
                contenders.add(new Contender("Firn", 1, () -> {
                    measured.add(ask(worker, directory, depth, sample));
                    return median(measured.getLast().toSample());
                }));
                if (!rival.missing()) {
                    contenders.add(new Contender(
                            rival.name(),
                            1,
                            () -> median(rival.contender().sampler().measure())));
                }
                final List<List<Sample>> samples =
                        context.interleave(variant, context.roundsOr(DEFAULT_ROUNDS), contenders);
                context.report(rival.result(
                        INFO,
                        context.resultName(variant),
                        samples.getFirst(),
                        rival.missing() ? null : samples.getLast(),
                        measured.getLast().backend()));
            }
        }
    }

    private static Measurement ask(final Worker worker, final Path directory, final int depth, final Duration sample)
            throws BenchmarkException, InterruptedException {
        return worker.ask(
                new PageJob.Layers(directory.toString(), BLOCKS, depth, sample.toNanos()), Measurement.class, LIMIT);
    }

    private static Sample median(final Sample rate) {
        return new Sample(rate.latency().p50Us(), rate.latency(), rate.cpu(), rate.allocatedBytesPerOp());
    }
}
