package dev.firn.nativeio.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.uring.UringSupport;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RandomOperationsTest {
    private static final long OPERATIONS = Long.getLong("firn.test.operations", 10_000_000L);

    @TempDir
    Path directory;

    @Test
    void shouldGiveIdenticalResultsOnBothBackEnds() {
        assumeTrue(UringSupport.host().available(), UringSupport.host().reason());
        final long seed = SystemRandom.create().nextLong();
        final long uring = run(seed, RingBackend.URING);
        final long portable = run(seed, RingBackend.PORTABLE);
        assertThat(portable).as("digest of the results with seed " + seed).isEqualTo(uring);
    }

    private long run(final long seed, final RingBackend backend) {
        final RingConfig config = RingConfig.ofCapacity(128).withBackend(backend);
        try (Storage storage = new HostStorage(directory)) {
            return RandomOperations.run(storage, config, SystemRandom.seeded(seed), OPERATIONS);
        } catch (final AssertionError | RuntimeException e) {
            throw new AssertionError(backend + " with seed " + seed + ": " + e.getMessage(), e);
        }
    }
}
