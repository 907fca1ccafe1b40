package dev.firn.nativeio.simulation;

import java.util.random.RandomGenerator;

/**
 * What one loss of power decides with. Each crash has a temper of its own: in some nearly all that was unsynced
 * survives, in some nearly nothing, in most any mix; that finds more than an even coin each time.
 */
final class CrashDice {
    private final RandomGenerator random;
    private final double survival;
    private final double torn;

    CrashDice(final RandomGenerator random, final double torn) {
        this.random = random;
        this.torn = torn;
        this.survival = random.nextInt(5) / 4.0;
    }

    /** Which of {@code count} versions stays, 0 being the oldest. */
    int pick(final int count) {
        if (count == 1) {
            return 0;
        }
        return Seeds.happens(random, survival) ? count - 1 : random.nextInt(count - 1);
    }

    boolean survives() {
        return Seeds.happens(random, survival);
    }

    boolean tears() {
        return Seeds.happens(random, torn);
    }

    int below(final int bound) {
        return random.nextInt(bound);
    }
}
