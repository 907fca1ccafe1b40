package dev.firn.server.command;

import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.walquorum.simulation.QuorumSeeds;
import dev.firn.walquorum.simulation.SeedResult;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;

/** A range of a simulation's seeds, on several threads: tells how far it is, and at the end what it came to. */
final class SeedsRun {
    private static final long PROGRESS_NS = 5_000_000_000L;
    private static final double NANOS_A_SECOND = 1e9;

    private final CommandSpec spec;
    private final JsonOption json;
    private final SeedRange range;
    private final int threads;
    private final Clock clock = SystemClock.INSTANCE;

    SeedsRun(final CommandSpec spec, final JsonOption json, final SeedRange range, final int threads) {
        this.spec = spec;
        this.json = json;
        this.range = range;
        this.threads = threads;
    }

    /** Runs them; returns the exit code. */
    int call(final LongFunction<SeedResult> oneSeed) throws InterruptedException {
        final QuorumSeeds run = new QuorumSeeds(range.first(), range.last() + 1, oneSeed);
        final long begunNs = clock.nanoTime();
        run.run(threads, () -> false, progress(begunNs));
        final double seconds = (clock.nanoTime() - begunNs) / NANOS_A_SECOND;
        final PrintWriter out = spec.commandLine().getOut();
        out.println(json.asked ? Json.pretty(document(run, seconds)) : text(run, seconds));
        out.flush();
        return run.failures().isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private LongConsumer progress(final long begunNs) {
        final AtomicLong toldNs = new AtomicLong(begunNs);
        final PrintWriter err = spec.commandLine().getErr();
        return done -> {
            final long nowNs = clock.nanoTime();
            final long before = toldNs.get();
            if (nowNs - before >= PROGRESS_NS && toldNs.compareAndSet(before, nowNs)) {
                err.printf(
                        Locale.ROOT,
                        "%,d of %,d seeds, %.1f a second%n",
                        done,
                        range.count(),
                        done / ((nowNs - begunNs) / NANOS_A_SECOND));
                err.flush();
            }
        };
    }

    private static Map<String, Object> document(final QuorumSeeds run, final double seconds) {
        final Map<String, Object> document = new LinkedHashMap<>();
        document.put("seeds", run.done());
        document.put("violations", run.failures().size());
        document.put("failingSeeds", List.copyOf(run.failures().keySet()));
        document.put("commits", run.commits());
        document.put("crashes", run.crashes());
        document.put("seconds", seconds);
        document.put("seedsPerSecond", run.done() / seconds);
        final List<String> sentences = new ArrayList<>();
        run.failures().values().forEach(failure -> sentences.add(String.valueOf(failure.getMessage())));
        document.put("sentences", sentences);
        return document;
    }

    private static String text(final QuorumSeeds run, final double seconds) {
        final StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%,d seeds in %.1f s (%.1f a second): %,d commits, %,d crashes, %d violations",
                run.done(),
                seconds,
                run.done() / seconds,
                run.commits(),
                run.crashes(),
                run.failures().size()));
        run.failures()
                .forEach((number, failure) ->
                        text.append("\n  seed ").append(number).append(": ").append(failure.getMessage()));
        return text.toString();
    }
}
