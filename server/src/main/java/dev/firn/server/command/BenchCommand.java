package dev.firn.server.command;

import dev.firn.bench.BenchSuite;
import dev.firn.bench.harness.BenchOptions;
import dev.firn.bench.harness.BenchmarkInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code firn bench}: benchmarks, each beside its rival. */
@Command(
        name = "bench",
        description = {
            "Runs benchmarks, each beside its rival in the same run.",
            "A ratio above 1 means that Firn is better."
        })
final class BenchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private JsonOption json;

    @Option(names = "--list", description = "List the benchmarks and run none.")
    private boolean list;

    @Option(
            names = "--work-dir",
            paramLabel = "DIR",
            defaultValue = "./firn-bench",
            description = "Where data files are made: on the device to be measured (default: ${DEFAULT-VALUE}).")
    private Path workDirectory;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "0",
            description = "Pairs of Firn and rival that make a result (default: each benchmark's own).")
    private int rounds;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "0",
            description = "How long each side of a pair is measured (default: each benchmark's own).")
    private double seconds;

    @Option(
            names = "--file-mib",
            paramLabel = "MIB",
            defaultValue = "0",
            description = "Size of the file for random reads (default: each benchmark's own).")
    private long fileMib;

    @Option(names = "--keep-files", description = "Leave the data files for the next run.")
    private boolean keepFiles;

    @Parameters(paramLabel = "NAME", arity = "0..*", description = "Benchmarks to run (default: all).")
    private List<String> names = List.of();

    @Override
    public Integer call() {
        if (list) {
            printList();
            return ExitCode.OK;
        }
        final BenchOptions options = options();
        RingHint.printTo(spec.commandLine().getErr());
        return BenchSuite.run(options, System.out, System.err);
    }

    private BenchOptions options() {
        try {
            return new BenchOptions(
                    names,
                    json.asked,
                    workDirectory.toAbsolutePath().normalize(),
                    rounds,
                    Duration.ofMillis(Math.round(seconds * 1_000)),
                    Math.multiplyExact(fileMib, 1L << 20),
                    keepFiles);
        } catch (final IllegalArgumentException | ArithmeticException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private void printList() {
        final List<BenchmarkInfo> all = BenchSuite.list();
        if (json.asked) {
            spec.commandLine().getOut().println(Json.pretty(all));
        } else {
            for (final BenchmarkInfo info : all) {
                spec.commandLine()
                        .getOut()
                        .printf("%-28s %s (%s, against %s)%n", info.name(), info.measures(), info.unit(), info.rival());
            }
        }
        spec.commandLine().getOut().flush();
    }
}
