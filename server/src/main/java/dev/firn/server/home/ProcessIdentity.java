package dev.firn.server.home;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Names one process for good. Process ids are used again, so the start time stands beside it (proc(5), {@code stat} field
 * 22, clock ticks since boot), and the boot, since those ticks begin anew with each.
 */
public record ProcessIdentity(long pid, long startTicks, String bootId) {
    private static final Path PROC = Path.of("/proc");

    /** Fields of {@code stat} after the command name, which is in parentheses and may hold anything: the third comes first. */
    private static final int START_TICKS_INDEX = 22 - 3;

    /** The process of this id as it is now; empty when there is none, or only its zombie. */
    public static Optional<ProcessIdentity> of(final long pid) {
        try {
            final String stat = Files.readString(PROC.resolve(pid + "/stat"));
            final String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            if (fields[0].equals("Z") || fields[0].equals("X")) {
                return Optional.empty();
            }
            final String bootId =
                    Files.readString(PROC.resolve("sys/kernel/random/boot_id")).trim();
            return Optional.of(new ProcessIdentity(pid, Long.parseLong(fields[START_TICKS_INDEX]), bootId));
        } catch (final IOException e) {
            // The folder goes when the process does.
            return Optional.empty();
        }
    }

    public static ProcessIdentity current() {
        final long pid = ProcessHandle.current().pid();
        return of(pid).orElseThrow(() -> new IllegalStateException("/proc/" + pid + "/stat cannot be read"));
    }

    /** Whether that very process lives. */
    public boolean alive() {
        return of(pid).filter(this::equals).isPresent();
    }
}
