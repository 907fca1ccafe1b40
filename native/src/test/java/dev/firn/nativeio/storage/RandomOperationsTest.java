package dev.firn.nativeio.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.uring.UringSupport;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RandomOperationsTest {
    private static final long OPERATIONS = Long.getLong("firn.test.operations", 2_000_000L);
    private static final long LONG_OPERATIONS = 10_000_000L;

    @TempDir
    Path directory;

    @Test
    void shouldGiveIdenticalResultsOnBothBackEnds() {
        compare(OPERATIONS);
    }

    @Test
    @Tag("long")
    void shouldGiveIdenticalResultsOnBothBackEndsForLonger() {
        compare(LONG_OPERATIONS);
    }

    private void compare(final long operations) {
        assumeTrue(UringSupport.host().available(), UringSupport.host().reason());
        final long seed = SystemRandom.create().nextLong();
        final long uring = run(seed, RingBackend.URING, operations);
        final long portable = run(seed, RingBackend.PORTABLE, operations);
        assertThat(portable).as("digest of the results with seed " + seed).isEqualTo(uring);
    }

    private long run(final long seed, final RingBackend backend, final long operations) {
        final RingConfig config = RingConfig.ofCapacity(128).withBackend(backend);
        try (Storage storage = new HostStorage(directory)) {
            return RandomOperations.run(storage, config, SystemRandom.seeded(seed), operations);
        } catch (final AssertionError | RuntimeException e) {
            throw new AssertionError(backend + " with seed " + seed + ": " + e.getMessage(), e);
        }
    }
}
