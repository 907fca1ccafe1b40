package dev.firn.walquorum.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ModelCheckTest {
    @Test
    void shouldKeepItsPromisesInEveryStateOfASmallModel() {
        check(new Bounds(2, 2, 1, true));
    }

    /** The bounds that the project promises. */
    @Test
    @Tag("long")
    void shouldKeepItsPromisesInEveryStateOfTheWholeModel() {
        check(new Bounds(3, 4, 1, true));
    }

    private static void check(final Bounds bounds) {
        final ModelChecker checker = new ModelChecker(bounds);
        checker.run();
        System.out.println(bounds + ": " + checker.states() + " states, " + checker.steps() + " steps, "
                + checker.deepest() + " deep");
        assertThat(checker.states()).isGreaterThan(1_000);
    }
}
