package dev.firn.pagestore.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.PageLayout;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageTableTest {
    private static final int OWNER = 17;

    @TempDir
    private Path directory;

    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("page-table-test", 8 << 20));
    private int reads;

    @AfterEach
    void closeMemory() {
        memory.close();
    }

    @Test
    void shouldReadAPageOnceAndKeepItsFrame() {
        try (PageTable table = table(4)) {
            final int frame = table.acquire(OWNER, 3, true);
            assertThat(number(table.page(frame))).isEqualTo(origin(OWNER, 3));
            assertThat(table.acquire(OWNER, 3, true)).isEqualTo(frame);
            assertThat(table.page(frame)).isSameAs(table.page(table.acquire(OWNER, 3, true)));
            assertThat(reads).isEqualTo(1);
            assertThat(table.isChanged(OWNER, 3)).isFalse();
        }
    }

    @Test
    void shouldNotReadWhatWillBeOverwritten() {
        try (PageTable table = table(4)) {
            assertThat(number(table.page(table.acquire(OWNER, 3, false)))).isZero();
            assertThat(reads).isZero();
        }
    }

    @Test
    void shouldForgetCleanPagesAndSpillChangedOnes() throws IOException {
        try (PageTable table = table(2)) {
            change(table, 1, 100);
            table.acquire(OWNER, 2, true);
            for (int block = 10; block < 20; block++) {
                table.acquire(OWNER, block, true);
            }
            assertThat(table.spilledCount()).isEqualTo(1);
            assertThat(table.isChanged(OWNER, 1)).isTrue();
            final int before = reads;
            assertThat(number(table.page(table.acquire(OWNER, 1, true)))).isEqualTo(100);
            assertThat(reads).isEqualTo(before);
            assertThat(table.spilledCount()).isZero();
            assertThat(table.isChanged(OWNER, 1)).isTrue();
            assertThat(number(table.page(table.acquire(OWNER, 2, true)))).isEqualTo(origin(OWNER, 2));
            assertThat(reads).isEqualTo(before + 1);
        }
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void shouldForgetADiscardedRangeWhereverItsPagesAre() {
        for (final int frames : new int[] {2, 64}) {
            try (PageTable table = table(frames)) {
                for (int block = 0; block < 40; block++) {
                    change(table, block, 1000 + block);
                }
                table.discard(OWNER, 10, 20);
                // A range far larger than what is there is not walked block by block.
                table.discard(OWNER, 30, -1);
                table.discard(OWNER + 1, 0, -1);
                for (int block = 0; block < 40; block++) {
                    final boolean kept = block < 10 || (block >= 20 && block < 30);
                    assertThat(table.isChanged(OWNER, block))
                            .as("block %s", block)
                            .isEqualTo(kept);
                    assertThat(number(table.page(table.acquire(OWNER, block, true))))
                            .isEqualTo(kept ? 1000 + block : origin(OWNER, block));
                }
            }
        }
    }

    @Test
    void shouldNameChangedPagesInOrder() {
        try (PageTable table = table(3);
                Arena arena = Arena.ofConfined()) {
            final int[] blocks = {7, 1, -2, 5, 3, 6};
            for (final int block : blocks) {
                change(table, block, block);
            }
            table.acquire(OWNER, 2, true);
            assertThat(table.changedKeys())
                    .containsExactly(
                            PageTable.key(OWNER, 1),
                            PageTable.key(OWNER, 3),
                            PageTable.key(OWNER, 5),
                            PageTable.key(OWNER, 6),
                            PageTable.key(OWNER, 7),
                            PageTable.key(OWNER, -2));
            final MemorySegment copy = arena.allocate(PageLayout.PAGE_BYTES);
            for (final int block : blocks) {
                table.copyChanged(OWNER, block, copy);
                assertThat(number(copy)).isEqualTo(block);
            }
        }
    }

    @Test
    void shouldGiveTheFrameBackWhenAPageCannotBeRead() {
        final PageSource broken = (owner, block, page) -> {
            if (block == 13) {
                throw new ReplayException("block 13 is damaged");
            }
            page.fill((byte) 0);
        };
        try (PageTable table = new PageTable(memory, 2, directory, broken)) {
            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(() -> table.acquire(OWNER, 13, true)).isInstanceOf(ReplayException.class);
                table.acquire(OWNER, i, true);
            }
        }
    }

    @Test
    void shouldHoldEveryChangeWhenFewFramesServeManyPages() {
        for (long seed = 1; seed <= 5; seed++) {
            final SplittableRandom random = new SplittableRandom(seed);
            final Map<Long, Integer> expected = new HashMap<>();
            try (PageTable table = table(random.nextInt(2, 20))) {
                for (int step = 0; step < 5_000; step++) {
                    final int owner = OWNER + random.nextInt(3);
                    final int block = random.nextInt(50);
                    final long key = PageTable.key(owner, block);
                    switch (random.nextInt(8)) {
                        case 0 -> {
                            final int end = block + random.nextInt(10);
                            table.discard(owner, block, end);
                            for (int gone = block; gone < end; gone++) {
                                expected.remove(PageTable.key(owner, gone));
                            }
                        }
                        case 1, 2, 3 -> {
                            final int frame = table.acquire(owner, block, random.nextBoolean());
                            LittleEndian.putInt(table.page(frame), 0, step);
                            table.changed(frame);
                            expected.put(key, step);
                        }
                        default ->
                            assertThat(number(table.page(table.acquire(owner, block, true))))
                                    .as("seed %s, step %s", seed, step)
                                    .isEqualTo(expected.getOrDefault(key, origin(owner, block)));
                    }
                }
                assertThat(table.changedKeys())
                        .as("seed %s", seed)
                        .containsExactlyInAnyOrder(expected.keySet().toArray(Long[]::new));
            }
        }
    }

    private PageTable table(final int frames) {
        reads = 0;
        return new PageTable(memory, frames, directory, (owner, block, page) -> {
            reads++;
            page.fill((byte) 0);
            LittleEndian.putInt(page, 0, origin(owner, block));
        });
    }

    private static void change(final PageTable table, final int block, final int number) {
        final int frame = table.acquire(OWNER, block, true);
        LittleEndian.putInt(table.page(frame), 0, number);
        table.changed(frame);
    }

    private static int origin(final int owner, final int block) {
        return -(owner * 1000 + block);
    }

    private static int number(final MemorySegment page) {
        return LittleEndian.getInt(page, 0);
    }
}
