package dev.firn.server.process;

import dev.firn.server.Main;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** This JVM once more: same flags, same class path, in a session of its own. */
public final class JavaCommand {
    /**
     * What a child does not inherit: the parent's heap, what listens to the parent, the vector kernels, which no role uses, and
     * ZGC, which takes some 80 MB more in each process. The roles' hot paths allocate nothing, so the serial collector runs once
     * in minutes, on a heap of which some megabytes live.
     */
    private static final List<String> NOT_INHERITED = List.of(
            "-Xmx",
            "-Xms",
            "-agentlib:",
            "-agentpath:",
            "-javaagent:",
            "-XX:MaxHeapSize",
            "-XX:MaxRAMPercentage",
            "-XX:+UseZGC",
            "--add-modules=jdk.incubator.vector");

    private JavaCommand() {}

    /** Flags of this process without change. */
    public static List<String> same(final List<String> arguments) {
        return command(ManagementFactory.getRuntimeMXBean().getInputArguments(), arguments);
    }

    /** With a heap of its own size. */
    static List<String> withHeap(final String heap, final List<String> arguments) {
        final List<String> flags = new ArrayList<>(ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> NOT_INHERITED.stream().noneMatch(flag::startsWith))
                .toList());
        flags.add("-XX:+UseSerialGC");
        flags.add("-Xmx" + heap);
        return command(flags, arguments);
    }

    private static List<String> command(final List<String> flags, final List<String> arguments) {
        final List<String> command = new ArrayList<>();
        // A session of its own: no Ctrl-C and no hang-up of this terminal reaches it. setsid(1) then becomes the JVM.
        command.add("setsid");
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(Main.class.getName());
        command.addAll(arguments);
        return command;
    }
}
