package dev.firn.pagestore.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PageCacheTest {
    private static final int FRAMES = 13;

    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("page-cache-test", 4 << 20));
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment page = arena.allocate(PageLayout.PAGE_BYTES, 8);
    private PageCache cache;

    @BeforeEach
    void open() {
        cache = new PageCache(memory, FRAMES);
    }

    @AfterEach
    void close() {
        cache.close();
        arena.close();
        memory.close();
    }

    @Test
    void shouldFindWhatWasPutWhileItIsThere() {
        final RandomGenerator random = SystemRandom.seeded(4711);
        final Map<Integer, Long> newest = new HashMap<>();
        int found = 0;
        for (long turn = 1; turn < 20_000; turn++) {
            final int key = random.nextInt(40);
            final int frame = cache.find(key % 3, 1, key, 2);
            if (frame != PageCache.ABSENT) {
                found++;
                assertThat(cache.known(frame)).isEqualTo(newest.get(key));
                cache.copyTo(frame, page);
                assertThat(page.get(ValueLayout.JAVA_LONG, 8)).isEqualTo(newest.get(key) * 41 + key);
            }
            newest.put(key, turn);
            page.set(ValueLayout.JAVA_LONG, 8, turn * 41 + key);
            cache.put(key % 3, 1, key, 2, turn, turn, page);
        }
        assertThat(found).isGreaterThan(2_000);
    }

    @Test
    void shouldKeepTheLaterOfTwo() {
        page.fill((byte) 5);
        cache.put(0, 1, 2, 3, 50, 90, page);
        page.fill((byte) 4);
        cache.put(0, 1, 2, 3, 40, 45, page);
        final int frame = cache.find(0, 1, 2, 3);
        cache.copyTo(frame, page);
        assertThat(page.get(ValueLayout.JAVA_BYTE, 7)).isEqualTo((byte) 5);
        assertThat(cache.version(frame)).isEqualTo(50);
    }

    @Test
    void shouldKnowAPageForLongerWhenItIsTheSame() {
        cache.put(0, 1, 2, 3, 50, 90, page);
        cache.put(0, 1, 2, 3, 50, 120, page);
        assertThat(cache.known(cache.find(0, 1, 2, 3))).isEqualTo(120);
        assertThat(cache.find(1, 1, 2, 3)).isEqualTo(PageCache.ABSENT);
    }

    @Test
    void shouldLeaveAPinnedPageAsItIs() {
        page.fill((byte) 5);
        cache.put(0, 1, 2, 3, 50, 90, page);
        final int frame = cache.find(0, 1, 2, 3);
        final MemorySegment pinned = cache.pin(frame);
        page.fill((byte) 6);
        cache.put(0, 1, 2, 3, 95, 99, page);
        for (int other = 0; other < 3 * FRAMES; other++) {
            cache.put(0, 1, 2, 100 + other, 1, 1, page);
        }
        assertThat(cache.find(0, 1, 2, 3)).isEqualTo(frame);
        assertThat(cache.version(frame)).isEqualTo(50);
        assertThat(pinned.toArray(ValueLayout.JAVA_BYTE)).containsOnly(5);
        cache.unpin(frame);
        cache.put(0, 1, 2, 3, 95, 99, page);
        assertThat(pinned.toArray(ValueLayout.JAVA_BYTE)).containsOnly(6);
    }

    @Test
    void shouldKeepNothingNewWhenEveryPageIsPinned() {
        final int[] frames = new int[FRAMES];
        for (int i = 0; i < FRAMES; i++) {
            cache.put(0, 1, 2, i, 1, 1, page);
            frames[i] = cache.find(0, 1, 2, i);
            cache.pin(frames[i]);
        }
        cache.put(0, 1, 2, 100, 1, 1, page);
        assertThat(cache.find(0, 1, 2, 100)).isEqualTo(PageCache.ABSENT);
        cache.unpin(frames[4]);
        cache.put(0, 1, 2, 100, 1, 1, page);
        assertThat(cache.find(0, 1, 2, 100)).isEqualTo(frames[4]);
    }
}
