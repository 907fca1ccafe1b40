package dev.firn.pagestore.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nvmecache.ObjectId;
import dev.firn.nvmecache.reader.CachedObject;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.layer.LayerDescription;
import dev.firn.pagestore.layer.LayerKind;
import dev.firn.pagestore.layer.LayerName;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class LayerMapTest {
    private static final int KEYS = 60;

    @Test
    void shouldNameTheLayersOfEveryKeyNewestFirst() {
        for (int seed = 0; seed < 50; seed++) {
            final RandomGenerator random = SystemRandom.seeded(seed);
            final List<OpenLayer> layers = new ArrayList<>();
            for (int i = random.nextInt(40); i > 0; i--) {
                layers.add(random(random, i));
            }
            final LayerMap map = new LayerMap(layers);
            for (int key = 0; key < KEYS; key++) {
                final int range = map.range(0, 0, key);
                final List<OpenLayer> named = new ArrayList<>();
                for (int i = map.from(range); i < map.to(range); i++) {
                    named.add(map.layer(i));
                }
                assertThat(named)
                        .as("key %d of seed %d", key, seed)
                        .containsExactlyInAnyOrderElementsOf(of(layers, key));
                assertThat(named).isSortedAccordingTo((one, other) -> Long.compare(other.toLsn(), one.toLsn()));
            }
        }
    }

    @Test
    void shouldPutAnImageBeforeTheDeltasThatItHas() {
        final OpenLayer delta = layer(1, LayerKind.DELTA, 0, 9, 10, 20);
        final OpenLayer image = layer(2, LayerKind.IMAGE, 0, 9, 20, 20);
        final LayerMap map = new LayerMap(List.of(delta, image));
        final int range = map.range(0, 0, 5);
        assertThat(map.layer(map.from(range))).isSameAs(image);
        assertThat(map.range(0, 0, 0)).isNotEqualTo(LayerMap.NONE);
    }

    @Test
    void shouldNameNoneWithoutLayers() {
        final LayerMap map = new LayerMap(List.of());
        final int range = map.range(1, 2, 3);
        assertThat(map.to(range) - map.from(range)).isZero();
    }

    private static List<OpenLayer> of(final List<OpenLayer> layers, final int key) {
        return layers.stream()
                .filter(layer -> layer.description().keys().contains(0, 0, key))
                .toList();
    }

    private static OpenLayer random(final RandomGenerator random, final int number) {
        final int from = random.nextInt(KEYS);
        final int to = from + random.nextInt(KEYS - from);
        final long lsn = 10L * number;
        return random.nextInt(4) == 0
                ? layer(number, LayerKind.IMAGE, from, to, lsn, lsn)
                : layer(number, LayerKind.DELTA, from, to, lsn - 10, lsn);
    }

    private static OpenLayer layer(
            final int number,
            final LayerKind kind,
            final int firstKey,
            final int lastKey,
            final long fromLsn,
            final long toLsn) {
        final LayerDescription description = new LayerDescription(
                new LayerName(1, number),
                kind,
                new KeyRange(0, 0, firstKey, 0, 0, lastKey),
                fromLsn,
                toLsn,
                100,
                50,
                1,
                10,
                0);
        return new OpenLayer("main", description, new CachedObject(ObjectId.of("a", "b"), "a", null, 100, 0));
    }
}
