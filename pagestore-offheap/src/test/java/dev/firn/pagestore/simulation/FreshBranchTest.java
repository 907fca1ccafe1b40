package dev.firn.pagestore.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.manifest.Manifest;
import dev.firn.pagestore.manifest.ManifestCodec;
import dev.firn.pagestore.manifest.ManifestStore;
import dev.firn.pagestore.timeline.Shard;
import dev.firn.pagestore.timeline.TimelineSpec;
import dev.firn.pagestore.timeline.TimelineState;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** A branch that was never open answers when its parent keeps its LSN, and its own manifest follows. */
final class FreshBranchTest {
    @Test
    void shouldAnswerWhenItsParentHoldsItsLsnAndBeforeItsManifestIsStored() {
        try (ShardBed bed = new ShardBed()) {
            final Shard shard = bed.shard;
            final int parent = bed.openMain();
            final int branch = shard.open(TimelineSpec.branch(bed.spec, "twig", 2, ModelLog.START_LSN));
            bed.await(() -> shard.state(branch) == TimelineState.LIVE, "the branch answers");

            assertThat(bed.manifestOf("main").holds())
                    .singleElement()
                    .satisfies(hold -> assertThat(hold.holder()).isEqualTo(Shard.holderOf("twig")));
            assertThat(bed.simulated.contentOf(ManifestStore.keyOf("twig"))).isNull();

            bed.await(bed.housekeeper::isIdle, "all is stored");
            assertThat(bed.manifestOf("twig").branchLsn()).isEqualTo(ModelLog.START_LSN);
            assertThat(shard.manifest(branch).epoch()).isEqualTo(1);
            assertThat(shard.manifest(parent).holds()).hasSize(1);
        }
    }

    @Test
    void shouldKeepLsnsOfItThatWereAskedForBeforeItsManifestIsStored() {
        try (ShardBed bed = new ShardBed()) {
            final Shard shard = bed.shard;
            bed.openMain();
            final int branch = shard.open(TimelineSpec.branch(bed.spec, "twig", 2, ModelLog.START_LSN));
            bed.await(() -> shard.state(branch) == TimelineState.LIVE, "the branch answers");
            final AtomicReference<String> held = new AtomicReference<>();
            shard.hold(
                    branch,
                    "reader",
                    ModelLog.START_LSN,
                    Long.MAX_VALUE,
                    refusal -> held.set(refusal == null ? "" : refusal));
            final int leaf = shard.open(TimelineSpec.branch(
                    TimelineSpec.branch(bed.spec, "twig", 2, ModelLog.START_LSN), "leaf", 3, ModelLog.START_LSN));
            assertThat(bed.simulated.contentOf(ManifestStore.keyOf("twig"))).isNull();

            bed.await(
                    () -> shard.state(leaf) == TimelineState.LIVE && bed.housekeeper.isIdle(),
                    "a branch of it answers");
            assertThat(held.get()).isEmpty();
            assertThat(bed.manifestOf("twig").holds().stream().map(Manifest.Hold::holder))
                    .containsExactlyInAnyOrder("reader", Shard.holderOf("leaf"));
        }
    }

    /** What the branch begins with, sizes among it, is of where it left: a parent that was started again may not be there yet. */
    @Test
    void shouldOpenABranchOnlyWhenItsParentIsIngestedUpToWhereItLeft() {
        try (ShardBed bed = new ShardBed()) {
            final Shard shard = bed.shard;
            final int parent = bed.openMain();
            final RandomGenerator random = SystemRandom.seeded(3);
            for (int i = 0; i < 20; i++) {
                bed.main.append(random);
            }
            final long end = bed.main.endLsn();
            final TimelineSpec twig = TimelineSpec.branch(bed.spec, "twig", 2, end);
            assertThatThrownBy(() -> shard.open(twig))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("not ingested up to where it left");
            bed.feed(parent, bed.main.boundary((ModelLog.START_LSN + end) / 2));
            assertThatThrownBy(() -> shard.open(twig)).isInstanceOf(IllegalArgumentException.class);

            bed.feed(parent, end);
            final int branch = shard.open(twig);
            bed.await(() -> shard.state(branch) == TimelineState.LIVE, "the branch answers");
        }
    }

    @Test
    void shouldRefuseAManifestThatADeletedBranchOfTheSameNameHasLeftBehind() {
        try (ShardBed bed = new ShardBed()) {
            final Shard shard = bed.shard;
            bed.openMain();
            final long there = ModelLog.START_LSN;
            bed.put(
                    ManifestStore.keyOf("twig"),
                    ManifestCodec.encode(new Manifest(
                            "twig", 1, 7, 1, there + 8, "main", there + 8, "", there + 8, List.of(), List.of())));
            final int branch = shard.open(TimelineSpec.branch(bed.spec, "twig", 2, there));
            bed.await(() -> shard.state(branch) == TimelineState.REFUSED, "the branch is refused");

            assertThat(shard.message(branch)).contains("is of another branch of this name");
        }
    }
}
