package dev.firn.pagestore.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PageMapTest {
    @Test
    void shouldAnswerAsAMapDoesWhateverIsAddedAndRemoved() {
        for (long seed = 1; seed <= 20; seed++) {
            final SplittableRandom random = new SplittableRandom(seed);
            final PageMap map = new PageMap(random.nextInt(1, 64));
            final Map<Long, Integer> expected = new HashMap<>();
            for (int step = 0; step < 20_000; step++) {
                // Few keys, many of them neighbours: long runs, and gaps that are closed within them.
                final long key = PageTable.key(random.nextInt(4), random.nextInt(200));
                if (random.nextInt(5) < 3) {
                    final int value = random.nextInt(1 << 28);
                    map.put(key, value);
                    expected.put(key, value);
                } else {
                    final Integer removed = expected.remove(key);
                    assertThat(map.remove(key))
                            .as("seed %s", seed)
                            .isEqualTo(removed == null ? PageMap.ABSENT : removed);
                }
            }
            assertThat(map.count()).as("seed %s", seed).isEqualTo(expected.size());
            for (int owner = 0; owner < 4; owner++) {
                for (int block = 0; block < 200; block++) {
                    final long key = PageTable.key(owner, block);
                    assertThat(map.get(key))
                            .as("seed %s, key %s", seed, key)
                            .isEqualTo(expected.getOrDefault(key, PageMap.ABSENT));
                }
            }
            assertThat(map.keys()).containsExactlyInAnyOrder(expected.keySet().toArray(Long[]::new));
        }
    }

    @Test
    void shouldKeepOwnersApartAtTheEdgesOfTheirNumbers() {
        final PageMap map = new PageMap(16);
        final long[] keys = {
            PageTable.key(0, 0), PageTable.key(0, -1), PageTable.key(1, 0), PageTable.key(Integer.MAX_VALUE, -1)
        };
        for (int i = 0; i < keys.length; i++) {
            map.put(keys[i], i);
        }
        for (int i = 0; i < keys.length; i++) {
            assertThat(map.get(keys[i])).isEqualTo(i);
            assertThat(PageTable.key(PageTable.owner(keys[i]), PageTable.block(keys[i])))
                    .isEqualTo(keys[i]);
        }
    }
}
