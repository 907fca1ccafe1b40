package dev.firn.bench.s3;

import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.Benchmark;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.BenchmarkInfo;
import dev.firn.bench.harness.Contender;
import dev.firn.bench.harness.Direction;
import dev.firn.bench.harness.ForkedJvm;
import dev.firn.bench.harness.Result;
import dev.firn.bench.harness.Sample;
import dev.firn.bench.harness.Worker;
import dev.firn.bench.meter.Measurement;
import dev.firn.bench.s3.load.LoadQuestion;
import dev.firn.bench.s3.load.LoadReport;
import dev.firn.bench.s3.load.LoadServer;
import dev.firn.bench.transfer.TransferJob;
import dev.firn.nativeio.seam.SystemRandom;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Reads from, or writes to, an S3 server, with small transfers and with streams, beside the AWS SDK's asynchronous client on the same
 * server. Each client is a process of its own, so that processor time is each side's whole.
 */
public final class S3Benchmark implements Benchmark {
    private static final int SMALL_BYTES = 8 << 10;
    private static final int STREAM_BYTES = 64 << 20;
    private static final List<Integer> IN_FLIGHT = List.of(1, 16, 64);
    private static final int DEFAULT_ROUNDS = 5;
    private static final Duration DEFAULT_SAMPLE = Duration.ofMillis(1_500);
    private static final Duration WARMUP = Duration.ofMillis(300);

    /** So many operations warm a client up: after as many the SDK's code is as fast as it gets, ours long before. */
    private static final long COMPILE_OPERATIONS = 60_000;

    /** So many samples are enough of a warm-up, however few operations they were. */
    private static final int COMPILE_SAMPLES = 40;

    /** An operation that has begun is waited for: on a slow host, 64 streams take a while. */
    private static final Duration DRAIN_LIMIT = Duration.ofMinutes(5);

    private static final Path RIVALS = Path.of("bench", "target", "rivals");
    private static final List<String> SERVER_FLAGS = List.of("-Xms128m", "-Xmx128m");
    private static final List<String> FIRN_FLAGS = List.of("-Xms256m", "-Xmx256m");

    /** What it would run with anywhere: the JDK's default collector, and memory in plenty. */
    private static final List<String> SDK_FLAGS =
            List.of("-XX:-UseZGC", "-XX:+UseG1GC", "-Xms1g", "-Xmx1g", "-XX:MaxDirectMemorySize=512m");

    private static final double BYTES_A_MB = 1e6;
    private static final double NS_A_SECOND = 1e9;
    private static final long NS_A_TICK = 10_000_000L;
    private static final double BYTES_A_GB = 1e9;
    private static final double BUSY = 0.9;

    private final BenchmarkInfo info;
    private final TransferJob.Kind kind;

    private S3Benchmark(final String name, final String measures, final TransferJob.Kind kind) {
        this.info = new BenchmarkInfo(
                name,
                measures,
                "ops/s and MB/s",
                Direction.HIGHER_IS_BETTER,
                "AWS SDK for Java, S3AsyncClient over Netty");
        this.kind = kind;
    }

    public static S3Benchmark get() {
        return new S3Benchmark(
                "s3-get",
                "ranges of 8 KiB and streams of 64 MiB read from an S3 server on the loopback, 1, 16 and 64 in flight",
                TransferJob.Kind.GET);
    }

    public static S3Benchmark put() {
        return new S3Benchmark(
                "s3-put",
                "objects of 8 KiB and 64 MiB written to an S3 server on the loopback, with CRC32C, 1, 16 and 64 in flight",
                TransferJob.Kind.PUT);
    }

    @Override
    public BenchmarkInfo info() {
        return info;
    }

    @Override
    public void run(final BenchContext context) throws BenchmarkException, InterruptedException {
        final Optional<Path> rivals = rivals();
        try (Worker server = Worker.start(context, LoadServer.class, SERVER_FLAGS);
                Worker firn = Worker.start(context, CrtWorker.class, FIRN_FLAGS);
                Worker sdk = rivals.isEmpty()
                        ? null
                        : Worker.start(context, SdkWorker.class, SDK_FLAGS, List.of(rivals.get() + "/*"))) {
            new Comparisons(context, server, firn, sdk).run();
        }
    }

    /** The folder that the build puts the SDK into; empty where only the product was installed. */
    private static Optional<Path> rivals() {
        final Path root = ForkedJvm.findRoot();
        return Optional.ofNullable(root)
                .map(found -> found.resolve(RIVALS))
                .filter(folder -> Files.isReadable(folder.resolve("s3.jar")));
    }

    /** The comparisons of one run, which share server and clients. */
    private final class Comparisons {
        private final BenchContext context;
        private final Worker server;
        private final Worker firn;
        private final Worker sdk;
        private final int streamBytes;
        private final Duration sample;
        private final RandomGenerator seeds = SystemRandom.create();
        private String endpoint;

        Comparisons(final BenchContext context, final Worker server, final Worker firn, final Worker sdk) {
            this.context = context;
            this.server = server;
            this.firn = firn;
            this.sdk = sdk;
            final long asked = context.options().fileBytes();
            this.streamBytes = (int) Math.min(STREAM_BYTES, asked == 0 ? STREAM_BYTES : asked);
            this.sample = context.sampleDurationOr(DEFAULT_SAMPLE);
        }

        void run() throws BenchmarkException, InterruptedException {
            endpoint = "http://127.0.0.1:" + report().port();
            for (final int bytes : new int[] {SMALL_BYTES, streamBytes}) {
                boolean compiled = false;
                for (final int inFlight : IN_FLIGHT) {
                    final String variant = variant(bytes, inFlight);
                    if (context.selects(variant)) {
                        if (!compiled) {
                            compile(bytes, variant);
                            compiled = true;
                        }
                        measure(variant, bytes, inFlight);
                    }
                }
            }
            final long refused = report().refused();
            if (refused > 0) {
                throw new BenchmarkException("the server refused " + refused + " requests that it does not know");
            }
        }

        private static String variant(final int bytes, final int inFlight) {
            return (bytes == SMALL_BYTES ? "8k" : "64m") + "/in-flight=" + inFlight;
        }

        private LoadReport report() throws BenchmarkException, InterruptedException {
            return server.ask(new LoadQuestion(streamBytes), LoadReport.class, DRAIN_LIMIT);
        }

        /** The warm-up also checks every byte that is read. Streams keep a processor busy with few operations: one sample will do. */
        private void compile(final int bytes, final String variant) throws BenchmarkException, InterruptedException {
            context.progress().step(context.resultName(variant) + ": warming up");
            for (final Worker client : sdk == null ? List.of(firn) : List.of(firn, sdk)) {
                long operations = 0;
                final int samples = bytes == SMALL_BYTES ? COMPILE_SAMPLES : 1;
                for (int i = 0; i < samples && operations < COMPILE_OPERATIONS; i++) {
                    operations += ask(client, job(bytes, IN_FLIGHT.get(1), i == 0 ? WARMUP : Duration.ZERO))
                            .operations();
                }
            }
        }

        private TransferJob job(final int bytes, final int inFlight, final Duration warmup) {
            return new TransferJob(
                    kind, endpoint, bytes, streamBytes, inFlight, seeds.nextLong(), warmup.toNanos(), sample.toNanos());
        }

        private Measurement ask(final Worker client, final TransferJob job)
                throws BenchmarkException, InterruptedException {
            return client.ask(
                    job,
                    Measurement.class,
                    DRAIN_LIMIT.plusNanos(job.warmupNs()).plusNanos(job.measureNs()));
        }

        private void measure(final String variant, final int bytes, final int inFlight)
                throws BenchmarkException, InterruptedException {
            final Side ours = new Side(firn, bytes, inFlight);
            final Side rival = new Side(sdk, bytes, inFlight);
            final List<Contender> contenders = new ArrayList<>();
            contenders.add(new Contender("Firn", 1, ours::measure));
            if (sdk != null) {
                contenders.add(new Contender(info.rival(), 1, rival::measure));
            }
            final List<List<Sample>> samples =
                    context.interleave(variant, context.roundsOr(DEFAULT_ROUNDS), contenders);
            final String unit = bytes == SMALL_BYTES ? "ops/s" : "MB/s";
            report(variant, unit, Direction.HIGHER_IS_BETTER, samples.getFirst(), samples.getLast(), ours, rival);
            report(
                    variant + "/cpu",
                    "CPU s/GB",
                    Direction.LOWER_IS_BETTER,
                    ours.cpuSecondsPerGigabyte,
                    rival.cpuSecondsPerGigabyte,
                    ours,
                    rival);
        }

        private void report(
                final String variant,
                final String unit,
                final Direction direction,
                final List<Sample> samples,
                final List<Sample> rivalSamples,
                final Side ours,
                final Side rival) {
            final String name = context.resultName(variant);
            if (sdk == null) {
                final String missing = "AWS SDK for Java (not there: the build puts it into " + RIVALS + ")";
                context.report(Result.alone(
                        name,
                        unit,
                        direction,
                        samples,
                        missing,
                        Map.of("backend", ours.backend, "server", ours.serverLoad())));
            } else {
                context.report(Result.paired(
                        name,
                        unit,
                        direction,
                        samples,
                        rival.backend,
                        rivalSamples,
                        Map.of(
                                "backend",
                                ours.backend,
                                "server",
                                ours.serverLoad(),
                                "serverUnderRival",
                                rival.serverLoad())));
            }
        }

        /** One client in one comparison, with what the server does meanwhile. */
        private final class Side {
            private final Worker client;
            private final int bytes;
            private final int inFlight;
            private final List<Sample> cpuSecondsPerGigabyte = new ArrayList<>();
            private String backend = "";
            private long serverCpuNs;
            private long elapsedNs;
            private int serverLoops;

            Side(final Worker client, final int bytes, final int inFlight) {
                this.client = client;
                this.bytes = bytes;
                this.inFlight = inFlight;
            }

            Sample measure() throws BenchmarkException, InterruptedException {
                // Small transfers are warmed up each time: the other side has had the caches. A stream would only take
                // long.
                final TransferJob job = job(bytes, inFlight, bytes == SMALL_BYTES ? WARMUP : Duration.ZERO);
                final LoadReport before = report();
                final Measurement measurement = ask(client, job);
                final LoadReport after = report();
                backend = measurement.backend();
                serverLoops = after.loops();
                // The warm-up is part of the server's work, too.
                serverCpuNs += after.cpuNs() - before.cpuNs();
                elapsedNs += measurement.elapsedNs() + job.warmupNs();
                final double gigabytes = measurement.operations() * (double) bytes / BYTES_A_GB;
                // The kernel counts in ticks: less than one counts as one.
                cpuSecondsPerGigabyte.add(
                        Sample.ofValue(Math.max(NS_A_TICK, measurement.userCpuNs() + measurement.systemCpuNs())
                                / NS_A_SECOND
                                / gigabytes));
                final Sample operations = measurement.toSample();
                return bytes == SMALL_BYTES
                        ? operations
                        : new Sample(
                                operations.value() * bytes / BYTES_A_MB,
                                operations.latency(),
                                operations.cpu(),
                                operations.allocatedBytesPerOp());
            }

            /** How busy the server was; says so when it was what limited the client. */
            String serverLoad() {
                final double processors = (double) serverCpuNs / elapsedNs;
                return String.format(
                        Locale.ROOT,
                        "%.2f processors of %d%s",
                        processors,
                        serverLoops,
                        processors >= BUSY * serverLoops ? ": the server was the bottleneck" : "");
            }
        }
    }
}
