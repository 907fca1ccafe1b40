package dev.firn.bench.harness;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/** Processor time that the JIT compilers of running JVMs have taken, as the kernel counts it by thread (proc(5)). */
final class CompilerTime {
    private static final Path PROC = Path.of("/proc");

    /** The kernel cuts threads' names off after fifteen bytes: {@code C2 CompilerThread0}. */
    private static final Set<String> NAMES = Set.of("C1 CompilerThre", "C2 CompilerThre");

    /** Fields of {@code stat} after the command name, which is in parentheses: the third comes first. */
    private static final int USER_TICKS_INDEX = 14 - 3;

    private static final int SYSTEM_TICKS_INDEX = 15 - 3;

    /** The kernel tells user space of hundredths of a second, whatever its own tick is. */
    private static final long MILLIS_A_TICK = 10;

    private CompilerTime() {}

    /** Of all these processes that still run. */
    static Duration of(final Set<Long> processes) {
        long ticks = 0;
        for (final long process : processes) {
            try (DirectoryStream<Path> threads = Files.newDirectoryStream(PROC.resolve(process + "/task"))) {
                for (final Path thread : threads) {
                    ticks += ticks(thread);
                }
            } catch (final IOException e) {
                // It has ended meanwhile.
            }
        }
        return Duration.ofMillis(ticks * MILLIS_A_TICK);
    }

    private static long ticks(final Path thread) {
        try {
            if (!NAMES.contains(Files.readString(thread.resolve("comm")).strip())) {
                return 0;
            }
            final String stat = Files.readString(thread.resolve("stat"));
            final String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return Long.parseLong(fields[USER_TICKS_INDEX]) + Long.parseLong(fields[SYSTEM_TICKS_INDEX]);
        } catch (final IOException e) {
            // Compiler threads come and go.
            return 0;
        }
    }
}
