package dev.firn.nativeio.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.storage.RingBackend;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.RingContract;
import dev.firn.nativeio.storage.Storage;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UringRingTest extends RingContract {
    @TempDir
    Path directory;

    @BeforeAll
    static void needsUring() {
        assumeTrue(UringSupport.host().available(), UringSupport.host().reason());
    }

    @Override
    protected Storage openStorage() {
        return new HostStorage(directory);
    }

    @Override
    protected RingConfig config() {
        return RingConfig.ofCapacity(CAPACITY).withBackend(RingBackend.URING);
    }

    @Test
    void shouldNeverOverflowTheCompletionQueue() {
        for (int round = 0; round < 100; round++) {
            while (ring.nop(round, 0)) {
                if (ring.room() % 7 == 0) {
                    ring.submit();
                }
            }
            ring.submitAndWait(ring.inFlight(), Long.MAX_VALUE);
            assertThat(ring.poll(completion -> {}, Integer.MAX_VALUE)).isEqualTo(ring.capacity());
        }
        assertThat(((UringRing) ring).overflowCount()).isZero();
    }

    @Test
    void shouldTakeTheBestSetupOfThisKernel() {
        final UringSupport support = UringSupport.probe();
        assertThat(support.available()).isTrue();
        assertThat(support.setupFlags()).isNotEmpty();
        assertThat(support.operations()).isNotEmpty().doesNotContainValue(false);
        assertThat(ring.describe()).contains(support.setupFlags());
    }
}
