package dev.firn.server.faults;

import dev.firn.nativeio.seam.SystemRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Faults in an order that a seed decides. */
final class FaultSchedule {
    private static final int MAX_FREEZE_MS = 8_000;
    private static final int MAX_PAUSE_MS = 4_000;

    /** One in so many freezes lasts until the supervisor has given the process up. */
    private static final int LONG_FREEZES = 8;

    private static final int LONG_FREEZE_MS = 35_000;

    private final RandomGenerator random;

    FaultSchedule(final long seed) {
        random = SystemRandom.seeded(seed);
    }

    /** What happens next. */
    sealed interface Fault {
        /** These at once. */
        record Kill(List<Part> parts) implements Fault {}

        /** Stopped, and going on after a while; killed meanwhile are others. */
        record Freeze(Part part, int ms, List<Part> killed) implements Fault {}

        record CrashPrimary() implements Fault {}

        /** The supervisor is killed and started again; a part may be frozen at that moment, and never wakes. */
        record KillSupervisor(List<Part> frozen) implements Fault {}

        /** Stopped, and going on after a while. */
        record FreezeSupervisor(int ms) implements Fault {}

        /** A node's disk is lost. Waits for the others to be whole, for two lost disks at once are a lost log. */
        record Wipe(int node) implements Fault {}

        /** The object store is away for a while, and a part that needs it is killed. */
        record LoseStore(int ms, Part killed) implements Fault {}
    }

    Fault next() {
        return switch (random.nextInt(12)) {
            case 0, 1, 2 -> new Fault.Kill(List.of(part()));
            case 3 -> new Fault.Kill(parts(2));
            case 4 -> new Fault.Kill(parts(3));
            case 5, 6 -> freeze();
            case 7 -> new Fault.CrashPrimary();
            case 8 -> new Fault.KillSupervisor(random.nextBoolean() ? List.of() : List.of(part()));
            case 9 -> new Fault.FreezeSupervisor(random.nextInt(MAX_FREEZE_MS));
            case 10 -> new Fault.Wipe(1 + random.nextInt(3));
            default ->
                new Fault.LoseStore(
                        random.nextInt(MAX_FREEZE_MS), random.nextBoolean() ? Part.RECEIVER : Part.WAL_NODE_1);
        };
    }

    private Fault freeze() {
        final List<Part> parts = parts(2);
        return new Fault.Freeze(
                parts.getFirst(),
                random.nextInt(LONG_FREEZES) == 0 ? LONG_FREEZE_MS : random.nextInt(MAX_FREEZE_MS),
                random.nextInt(3) == 0 ? List.of(parts.getLast()) : List.of());
    }

    /** Between a fault and the next. */
    int pauseMs() {
        return random.nextInt(MAX_PAUSE_MS);
    }

    private Part part() {
        return Part.values()[random.nextInt(Part.values().length)];
    }

    private List<Part> parts(final int count) {
        final List<Part> left = new ArrayList<>(List.of(Part.values()));
        final List<Part> drawn = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            drawn.add(left.remove(random.nextInt(left.size())));
        }
        return drawn;
    }
}
