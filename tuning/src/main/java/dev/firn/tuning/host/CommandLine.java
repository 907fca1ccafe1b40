package dev.firn.tuning.host;

import java.util.List;
import java.util.Optional;

/** The parameters that the kernel was booted with. */
public record CommandLine(List<String> parameters) {
    public CommandLine {
        parameters = List.copyOf(parameters);
    }

    public static CommandLine read(final SystemTree tree) {
        return new CommandLine(List.of(tree.read("/proc/cmdline").orElse("").split("\\s+", -1)));
    }

    /** The value of the last {@code name=value}: the kernel lets the last one win. */
    public Optional<String> value(final String name) {
        return parameters.stream()
                .filter(parameter -> parameter.startsWith(name + "="))
                .map(parameter -> parameter.substring(name.length() + 1))
                .reduce((earlier, later) -> later);
    }
}
