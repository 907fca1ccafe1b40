package dev.firn.postgres.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.seam.SystemRandom;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MapPagesTest {
    private static final long SEED = 5;

    private final Arena arena = Arena.ofConfined();
    private final PageFlyweight page = new PageFlyweight().wrap(arena.allocate(PageLayout.PAGE_BYTES), 0);
    private final RandomGenerator random = SystemRandom.seeded(SEED);

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void shouldKeepTheVisibilityOfEachBlockApart() {
        page.initialize(0);
        final int[] model = new int[VisibilityMap.BLOCKS_PER_PAGE];
        final int firstBlock = 3 * VisibilityMap.BLOCKS_PER_PAGE;
        assertThat(VisibilityMap.mapBlock(firstBlock - 1)).isEqualTo(2);
        assertThat(VisibilityMap.mapBlock(firstBlock)).isEqualTo(3);
        for (int i = 0; i < 100_000; i++) {
            final int block = random.nextInt(model.length);
            final int bits = 1 + random.nextInt(3);
            if (random.nextInt(3) > 0) {
                assertThat(VisibilityMap.set(page, firstBlock + block, bits))
                        .isEqualTo((model[block] | bits) != model[block]);
                model[block] |= bits;
            } else {
                assertThat(VisibilityMap.clear(page, firstBlock + block, bits)).isEqualTo((model[block] & bits) != 0);
                model[block] &= ~bits;
            }
        }
        final int cut = 12_345;
        VisibilityMap.clearFrom(page, firstBlock + cut);
        for (int block = 0; block < model.length; block++) {
            assertThat(VisibilityMap.get(page, firstBlock + block))
                    .as("seed %d, block %d", SEED, block)
                    .isEqualTo(block < cut ? model[block] : 0);
        }
        assertThat(page.isHeaderSane()).isTrue();
    }

    @Test
    void shouldAddressTheLastHeapBlock() {
        assertThat(VisibilityMap.mapBlock(-2)).isEqualTo((int) (0xFFFF_FFFEL / 32672));
        page.initialize(0);
        VisibilityMap.set(page, -2, VisibilityMap.ALL_FROZEN);
        assertThat(VisibilityMap.get(page, -2)).isEqualTo(VisibilityMap.ALL_FROZEN);
        assertThatThrownBy(() -> VisibilityMap.set(page, 0, 4)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldKnowTheGreatestFreeSpaceOfAPage() {
        page.initialize(0);
        final int[] model = new int[FreeSpaceMap.SLOTS_PER_PAGE];
        assertThat(model).hasSize(4069);
        for (int i = 0; i < 20_000; i++) {
            final int slot = random.nextInt(model.length);
            final int category = random.nextInt(256) >> random.nextInt(8);
            final boolean changed = FreeSpaceMap.set(page, slot, category);
            assertThat(changed).isEqualTo(model[slot] != category);
            model[slot] = category;
            if (i % 500 == 0) {
                expect(model);
            }
        }
        assertThat(FreeSpaceMap.clearFrom(page, 1000)).isTrue();
        Arrays.fill(model, 1000, model.length, 0);
        expect(model);
        assertThat(FreeSpaceMap.clearFrom(page, 1000)).isFalse();
    }

    @Test
    void shouldRepairATornFreeSpacePage() {
        RandomBytes.fill(page.segment(), random);
        final int[] leaves = new int[FreeSpaceMap.SLOTS_PER_PAGE];
        for (int slot = 0; slot < leaves.length; slot++) {
            leaves[slot] = FreeSpaceMap.get(page, slot);
        }
        FreeSpaceMap.rebuild(page);
        expect(leaves);
        assertThat(FreeSpaceMap.rebuild(page)).isFalse();
    }

    @Test
    void shouldCategoriseAsPostgresDoes() {
        assertThat(FreeSpaceMap.MAX_REQUEST_BYTES).isEqualTo(8160);
        assertThat(FreeSpaceMap.categoryOf(0)).isZero();
        assertThat(FreeSpaceMap.categoryOf(31)).isZero();
        assertThat(FreeSpaceMap.categoryOf(32)).isEqualTo(1);
        assertThat(FreeSpaceMap.categoryOf(8159)).isEqualTo(254);
        assertThat(FreeSpaceMap.categoryOf(8160)).isEqualTo(255);
        for (int category = 0; category < 256; category++) {
            assertThat(FreeSpaceMap.categoryOf(FreeSpaceMap.bytesOf(category))).isEqualTo(category);
        }
    }

    @Test
    void shouldPlaceTheLeafPagesBehindTheirParents() {
        assertThat(FreeSpaceMap.mapBlock(0)).isEqualTo(2);
        assertThat(FreeSpaceMap.mapBlock(4068)).isEqualTo(2);
        assertThat(FreeSpaceMap.mapBlock(4069)).isEqualTo(3);
        assertThat(FreeSpaceMap.mapBlock(4069 * 4069 - 1)).isEqualTo(4070);
        assertThat(FreeSpaceMap.mapBlock(4069 * 4069))
                .as("a new middle page comes between")
                .isEqualTo(4072);
        assertThat(FreeSpaceMap.slot(4069 * 4069 + 7)).isEqualTo(7);
    }

    private void expect(final int[] leaves) {
        for (int slot = 0; slot < leaves.length; slot++) {
            assertThat(FreeSpaceMap.get(page, slot))
                    .as("seed %d, slot %d", SEED, slot)
                    .isEqualTo(leaves[slot]);
        }
        assertThat(FreeSpaceMap.greatest(page))
                .isEqualTo(Arrays.stream(leaves).max().getAsInt());
    }
}
