package dev.firn.bench.harness;

import java.io.PrintStream;
import java.util.Locale;

/** The table of {@code firn bench}: a row a result, the rival beside it, printed as results come in. */
public final class ResultTable {
    private static final String ROW = "%-38s %12s %-8s %12s %6s %-13s %9s %9s %7s  %s%n";

    private final PrintStream out;

    public ResultTable(final PrintStream out) {
        this.out = out;
    }

    public void header(final Machine machine) {
        out.printf(
                "%s, %d cores; %s; %s; %s on %s; commit %s%n%n",
                orUnknown(machine.cpu()),
                machine.cores(),
                machine.kernel(),
                machine.jdk(),
                orUnknown(machine.fileSystem()),
                orUnknown(machine.disk()),
                orUnknown(machine.commit()));
        out.printf(
                ROW, "benchmark", "Firn", "unit", "rival", "ratio", "min–max", "p50 µs", "p99 µs", "B/op", "rival is");
    }

    public void row(final Result result) {
        out.printf(
                ROW,
                result.name(),
                number(result.value()),
                result.unit(),
                number(result.rivalValue()),
                result.ratio() == null ? "–" : format("%.2f", result.ratio()),
                result.pairs() == null
                        ? ""
                        : format(
                                "%.2f–%.2f",
                                result.pairs().min(), result.pairs().max()),
                result.latency() == null ? "" : number(result.latency().p50Us()),
                result.latency() == null ? "" : number(result.latency().p99Us()),
                result.allocatedBytesPerOp() == null ? "" : format("%.3f", result.allocatedBytesPerOp()),
                result.rival());
        out.flush();
    }

    private static String orUnknown(final String text) {
        return text == null ? "unknown" : text;
    }

    private static String number(final Double value) {
        if (value == null) {
            return "–";
        }
        return format(value >= 1_000 ? "%,.0f" : value >= 10 ? "%.1f" : "%.3f", value);
    }

    private static String format(final String pattern, final Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
