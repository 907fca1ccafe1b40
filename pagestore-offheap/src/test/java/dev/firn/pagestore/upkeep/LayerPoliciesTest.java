package dev.firn.pagestore.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.layer.LayerDescription;
import dev.firn.pagestore.layer.LayerKind;
import dev.firn.pagestore.layer.LayerName;
import dev.firn.pagestore.layer.ReadableLsns;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayerPoliciesTest {
    private static final int MAX_RUNS = 64;

    private int number;

    // Which layers no read needs.

    @Test
    void shouldKeepADeltaThatAReadBelowTheImageNeeds() {
        final LayerDescription delta = delta(0, 9, 10, 20, 100);
        final LayerDescription image = image(0, 99, 30);
        final List<LayerDescription> layers = List.of(delta, image);
        assertThat(Collection.unneeded(layers, ReadableLsns.from(29))).isEmpty();
        assertThat(Collection.unneeded(layers, ReadableLsns.from(30))).containsExactly(delta.name());
        assertThat(Collection.unneeded(layers, ReadableLsns.from(30, 11))).isEmpty();
        assertThat(Collection.unneeded(layers, ReadableLsns.from(30, 10))).containsExactly(delta.name());
    }

    @Test
    void shouldKeepWhatImagesDoNotCover() {
        final LayerDescription delta = delta(0, 50, 10, 20, 100);
        final LayerDescription left = image(0, 24, 30);
        final LayerDescription right = image(26, 60, 30);
        assertThat(Collection.unneeded(List.of(delta, left, right), ReadableLsns.from(40)))
                .isEmpty();
        final LayerDescription middle = image(25, 25, 30);
        assertThat(Collection.unneeded(List.of(delta, left, right, middle), ReadableLsns.from(40)))
                .containsExactly(delta.name());
    }

    @Test
    void shouldLetAnImageGoWhenALaterOneHasItsKeys() {
        final LayerDescription first = image(0, 9, 30);
        final LayerDescription second = image(0, 9, 50);
        assertThat(Collection.unneeded(List.of(first, second), ReadableLsns.from(49)))
                .isEmpty();
        assertThat(Collection.unneeded(List.of(first, second), ReadableLsns.from(50)))
                .containsExactly(first.name());
        assertThat(Collection.unneeded(List.of(first, second), ReadableLsns.from(50, 30)))
                .isEmpty();
    }

    @Test
    void shouldKeepDeltasThatAreNoOlderThanImages() {
        final LayerDescription image = image(0, 9, 30);
        final LayerDescription delta = delta(0, 9, 25, 35, 100);
        assertThat(Collection.unneeded(List.of(image, delta), ReadableLsns.from(100)))
                .isEmpty();
    }

    // Which layers are merged.

    @Test
    void shouldMergeEqualRunsWhenThereAreEnough() {
        final List<LayerDescription> layers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            layers.add(delta(0, 9, 10L * i, 10L * i + 10, 100));
        }
        assertThat(MergePolicy.choose(layers, 4, MAX_RUNS)).isEmpty();
        layers.add(delta(0, 9, 30, 40, 100));
        assertThat(MergePolicy.choose(layers, 4, MAX_RUNS)).containsExactlyInAnyOrderElementsOf(layers);
        assertThat(MergePolicy.debtBytes(layers, 4)).isEqualTo(400);
    }

    @Test
    void shouldLeaveALargeRunAloneUntilAsMuchHasCome() {
        final List<LayerDescription> layers = new ArrayList<>();
        final LayerDescription large = delta(0, 9, 0, 10, 10_000);
        layers.add(large);
        for (int i = 1; i <= 4; i++) {
            layers.add(delta(0, 9, 10L * i, 10L * i + 10, 100));
        }
        assertThat(MergePolicy.choose(layers, 4, MAX_RUNS)).hasSize(4).doesNotContain(large);
    }

    @Test
    void shouldMergeFewRunsWhateverHowMuchComes() {
        final List<LayerDescription> layers = new ArrayList<>();
        long mergedBytes = 0;
        final int flushes = 500;
        for (int i = 0; i < flushes; i++) {
            layers.add(delta(0, 9, 10L * i, 10L * i + 10, 100));
            List<LayerDescription> chosen = MergePolicy.choose(layers, 4, MAX_RUNS);
            while (!chosen.isEmpty()) {
                final long bytes =
                        chosen.stream().mapToLong(LayerDescription::lengthBytes).sum();
                final long from = chosen.stream()
                        .mapToLong(LayerDescription::fromLsn)
                        .min()
                        .orElseThrow();
                final long to =
                        chosen.stream().mapToLong(LayerDescription::toLsn).max().orElseThrow();
                layers.removeAll(chosen);
                layers.add(delta(0, 9, from, to, bytes));
                mergedBytes += bytes;
                chosen = MergePolicy.choose(layers, 4, MAX_RUNS);
            }
        }
        assertThat(layers.size()).isLessThan(20);
        assertThat(mergedBytes).isLessThan(flushes * 100L * 10);
    }

    @Test
    void shouldMergeWhateverTheSizesWhenThereAreTooManyRuns() {
        final List<LayerDescription> layers = new ArrayList<>();
        // Each is larger than all that came after it, so that their sizes tell against merging.
        for (int i = 0; i < 9; i++) {
            layers.add(delta(0, 9, 10L * i, 10L * i + 10, 1L << (40 - 2 * i)));
        }
        assertThat(MergePolicy.choose(layers, 2, MAX_RUNS)).isEmpty();
        assertThat(MergePolicy.choose(layers, 2, 16)).containsExactlyInAnyOrder(layers.get(7), layers.get(8));
        assertThat(MergePolicy.pageRuns(layers)).isEqualTo(9);
    }

    private LayerDescription delta(
            final int firstBlock, final int lastBlock, final long fromLsn, final long toLsn, final long bytes) {
        return layer(LayerKind.DELTA, firstBlock, lastBlock, fromLsn, toLsn, bytes);
    }

    private LayerDescription image(final int firstBlock, final int lastBlock, final long lsn) {
        return layer(LayerKind.IMAGE, firstBlock, lastBlock, lsn, lsn, 100);
    }

    private LayerDescription layer(
            final LayerKind kind,
            final int firstBlock,
            final int lastBlock,
            final long fromLsn,
            final long toLsn,
            final long bytes) {
        final long high = PageKeys.high(KeyClass.PAGE, 1663);
        return new LayerDescription(
                new LayerName(1, number++),
                kind,
                new KeyRange(high, 5, PageKeys.low(0, firstBlock), high, 5, PageKeys.low(0, lastBlock)),
                fromLsn,
                toLsn,
                bytes,
                bytes / 2,
                1,
                bytes,
                0);
    }
}
