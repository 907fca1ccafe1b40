package dev.firn.pagestore.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.pagestore.manifest.ManifestStore;
import dev.firn.pagestore.timeline.Shard;
import dev.firn.pagestore.timeline.TimelineSpec;
import dev.firn.pagestore.timeline.TimelineState;
import org.junit.jupiter.api.Test;

/**
 * A branch that is deleted while its parent's manifest is still being written leaves no manifest of its own: the next branch of its
 * name would be made of that, and begin where the deleted one did.
 */
final class BranchClosedEarlyTest {
    @Test
    void shouldLeaveNothingOfABranchThatWasClosedBeforeItsParentHeldItsLsn() {
        try (ShardBed bed = new ShardBed()) {
            final Shard shard = bed.shard;
            final int parent = bed.openMain();
            final int branch = shard.open(TimelineSpec.branch(bed.spec, "early", 2, ModelLog.START_LSN));
            shard.letGo(parent, Shard.holderOf("early"));
            shard.close(branch);
            final int other = shard.open(TimelineSpec.branch(bed.spec, "other", 3, ModelLog.START_LSN));
            bed.await(
                    () -> shard.state(other) == TimelineState.LIVE && bed.housekeeper.isIdle(),
                    "another branch is open");

            assertThat(bed.simulated.contentOf(ManifestStore.keyOf("early"))).isNull();
            assertThat(bed.simulated.contentOf(ManifestStore.keyOf("other"))).isNotNull();
            assertThat(shard.isReleased(branch)).isTrue();
            assertThat(shard.manifest(parent).holds())
                    .singleElement()
                    .satisfies(hold -> assertThat(hold.holder()).isEqualTo(Shard.holderOf("other")));
        }
    }
}
