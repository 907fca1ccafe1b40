package dev.firn.pagestore.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.pagestore.manifest.ManifestStore;
import dev.firn.pagestore.timeline.Shard;
import dev.firn.pagestore.timeline.TimelineState;
import org.junit.jupiter.api.Test;

/** A timeline that is refused can be closed, and opened again once what was wrong is mended, any number of times. */
final class RefusedTimelineTest {
    private static final int ATTEMPTS = 5;

    @Test
    void shouldOpenATimelineWhoseManifestWasDamagedWhenItIsMended() {
        try (ShardBed bed = new ShardBed()) {
            final Shard shard = bed.shard;
            bed.put(ManifestStore.keyOf("main"), new byte[] {1, 2, 3});
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                final int number = shard.open(bed.spec);
                assertThat(number).as("a number that is used again").isZero();
                bed.await(() -> shard.state(number) == TimelineState.REFUSED, "it is refused");
                assertThat(shard.message(number)).contains("the manifest of main is damaged");
                shard.close(number);
                bed.await(() -> shard.isReleased(number) && bed.housekeeper.isIdle(), "it is given back");
                shard.forget(number);
            }
            bed.delete(ManifestStore.keyOf("main"));
            final int number = bed.openMain();
            assertThat(shard.timeline("main")).isEqualTo(number).isZero();
        }
    }

    @Test
    void shouldNotMakeATimelineAnewThatWasThereBefore() {
        try (ShardBed bed = new ShardBed()) {
            final Shard shard = bed.shard;
            final int number = shard.openAgain(bed.spec);
            bed.await(() -> shard.state(number) == TimelineState.REFUSED, "it is refused");
            assertThat(shard.message(number)).contains("it has no manifest");
            assertThat(bed.simulated.contentOf(ManifestStore.keyOf("main"))).isNull();
        }
    }
}
