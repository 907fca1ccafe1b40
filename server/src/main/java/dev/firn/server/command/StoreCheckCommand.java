package dev.firn.server.command;

import dev.firn.bench.harness.Progress;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.backend.StoreBackend;
import dev.firn.s3tier.check.CheckKind;
import dev.firn.s3tier.check.CheckListener;
import dev.firn.s3tier.check.CheckReport;
import dev.firn.s3tier.check.CheckResult;
import dev.firn.s3tier.check.CheckStatus;
import dev.firn.s3tier.check.StoreCheck;
import dev.firn.s3tier.check.StoreUnusableException;
import dev.firn.s3tier.location.ObjectStores;
import dev.firn.s3tier.location.StoreLocation;
import dev.firn.s3tier.location.StoreOpeningException;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.server.CommandException;
import dev.firn.server.store.StoreSentences;
import dev.firn.server.up.StopSignal;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code firn store check}: does a store keep its promises. */
@Command(
        name = "check",
        description = {
            "Asks an object store, promise by promise, whether it does what Firn needs of it: every operation, reads and lists"
                    + " after writes, conditional writes one after the other and in races of 32, checksums. One line each.",
            "Works below a prefix of its own, firn-store-check-..., and leaves nothing there. Writes and reads about 500 MB.",
            "With --json: store, verdict (FIT, FIT WITH REMARKS, UNFIT, UNDECIDED), fit, checks (each with name, status, seen,"
                    + " cost, seconds), leftBehind, retries, seconds.",
            "Exit code 1 when the store is unfit, or could not be judged."
        })
final class StoreCheckCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private JsonOption json;

    @Parameters(
            paramLabel = "URL",
            description = "The store: s3://bucket/prefix?endpoint=..., file:///path, or a path.")
    private String url;

    @Option(
            names = "--limit",
            paramLabel = "SECONDS",
            description = "How long all checks may take together (default: 300).")
    private Long limitSeconds;

    @Override
    public Integer call() {
        final StoreLocation location = StoreTask.store(spec, url);
        if (limitSeconds != null && (limitSeconds < 1 || limitSeconds > 86_400)) {
            throw new ParameterException(
                    spec.commandLine(), "--limit " + limitSeconds + " is not within 1..86400 seconds");
        }
        final Duration limit = limitSeconds == null ? StoreCheck.DEFAULT_LIMIT : Duration.ofSeconds(limitSeconds);
        return StoreTask.stoppable(spec, "the check", signal -> check(location, limit, signal));
    }

    private int check(final StoreLocation location, final Duration limit, final StopSignal signal) {
        final Progress progress = new Progress(System.err, StoreTask.isTerminal(), SystemClock.INSTANCE);
        final PrintWriter out = spec.commandLine().getOut();
        final CheckReport report;
        try (StoreBackend backend = open(location)) {
            if (!json.asked) {
                out.println(backend.describe());
                out.flush();
            }
            final StoreCheck check =
                    new StoreCheck(backend, SystemClock.INSTANCE, SystemRandom.secure(), limit, lines(out, progress));
            try (Watch _ = Watch.over(signal, check)) {
                report = check.run();
            }
        } catch (final StoreUnusableException e) {
            throw new CommandException(
                    "cannot check " + location + ": " + e.getMessage() + StoreSentences.advice(e.kind()), e);
        } finally {
            progress.clear();
        }
        out.println(json.asked ? Json.pretty(document(report)) : summary(report));
        out.flush();
        return report.verdict().isFit() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private static StoreBackend open(final StoreLocation location) {
        try {
            return ObjectStores.openBackend(location, StoreLimits.DEFAULT, SystemClock.INSTANCE, SystemRandom.secure());
        } catch (final StoreOpeningException e) {
            throw new CommandException("cannot open the store: " + e.getMessage(), e);
        }
    }

    /** Hands the stop signal on to the check. */
    private record Watch(Thread thread) implements AutoCloseable {
        private static final Duration INTERVAL = Duration.ofHours(1);

        static Watch over(final StopSignal signal, final StoreCheck check) {
            final Thread thread = new Thread(
                    () -> {
                        try {
                            while (!signal.await(INTERVAL)) {
                                continue;
                            }
                            check.stop();
                        } catch (final InterruptedException e) {
                            // The check is over.
                            Thread.currentThread().interrupt();
                        }
                    },
                    "firn-store-check-stop");
            thread.setDaemon(true);
            thread.start();
            return new Watch(thread);
        }

        @Override
        public void close() {
            thread.interrupt();
        }
    }

    private CheckListener lines(final PrintWriter out, final Progress progress) {
        return new CheckListener() {
            @Override
            public void began(final CheckKind kind) {
                progress.step("firn: checking " + kind.label() + " (" + (kind.ordinal() + 1) + " of "
                        + CheckKind.values().length + ")");
            }

            @Override
            public void ended(final CheckResult result) {
                if (!json.asked) {
                    progress.clear();
                    out.println(line(result));
                    out.flush();
                }
            }
        };
    }

    private static String line(final CheckResult result) {
        final String line = String.format(
                "%-6s  %-20s  %s", word(result.status()), result.kind().label(), result.seen());
        return result.status() == CheckStatus.FAIL
                ? line + String.format("%n%30scost: %s", "", result.kind().cost())
                : line;
    }

    private static String word(final CheckStatus status) {
        return switch (status) {
            case PASS -> "PASS";
            case REMARK -> "REMARK";
            case FAIL -> "FAIL";
            case SKIPPED -> "SKIP";
            case INFO -> "INFO";
        };
    }

    private static String summary(final CheckReport report) {
        final List<String> broken = report.results().stream()
                .filter(result -> result.status() == CheckStatus.FAIL)
                .map(result -> result.kind().label())
                .toList();
        final String verdict = switch (report.verdict()) {
            case FIT -> "FIT: every promise is kept";
            case FIT_WITH_REMARKS -> "FIT WITH REMARKS: every promise that Firn needs is kept";
            case UNFIT -> "UNFIT: keep no data there: " + String.join(", ", broken);
            case UNDECIDED -> "UNDECIDED: no promise was seen to be broken, and not every one was judged";
        };
        return verdict
                + (report.retries() == 0
                        ? ""
                        : "; " + report.retries() + " requests failed in passing, and were sent again")
                + (report.leftBehind().isEmpty() ? "" : "; " + report.leftBehind());
    }

    private static Map<String, Object> document(final CheckReport report) {
        final Map<String, Object> document = new LinkedHashMap<>();
        document.put("store", report.store());
        document.put("verdict", report.verdict().toString());
        document.put("fit", report.verdict().isFit());
        final List<Map<String, Object>> checks = new ArrayList<>();
        for (final CheckResult result : report.results()) {
            final Map<String, Object> check = new LinkedHashMap<>();
            check.put("name", result.kind().label());
            check.put("status", word(result.status()));
            check.put("seen", result.seen());
            check.put("cost", result.kind().cost());
            check.put("seconds", result.seconds());
            checks.add(check);
        }
        document.put("checks", checks);
        document.put("leftBehind", report.leftBehind());
        document.put("retries", report.retries());
        document.put("seconds", report.seconds());
        return document;
    }
}
