package dev.firn.nvmecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.storage.DirectoryLockedException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Opening: what is warm, what is cold, what is refused, and what goes on without. On the host's file system. */
class CacheFileTest {
    private static final ObjectId CLUSTER = new ObjectId(3, 4);
    private static final ObjectId OBJECT = new ObjectId(5, 6);
    private static final int BLOCKS = 50;
    private static final CacheConfig CONFIG =
            CacheConfig.of("cache/blocks", CLUSTER, 8 << 20).withDepth(16, 4, 64);

    @TempDir
    Path directory;

    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(64 << 20);
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment block = arena.allocate(CONFIG.blockBytes(), 4096);

    @AfterEach
    void everythingIsFreed() {
        arena.close();
        leaks.close();
    }

    private BlockCache open(final CacheConfig config) {
        return BlockCache.open(
                new HostStorage(directory), config, memory, SystemClock.INSTANCE, new SplittableRandom(9));
    }

    private void fill() {
        try (BlockCache cache = open(CONFIG)) {
            for (int i = 0; i < BLOCKS; i++) {
                TrueBytes.fill(OBJECT, i, block);
                assertThat(cache.insert(OBJECT, i, 0, block)).isEqualTo(BlockCache.Insertion.TAKEN);
                if (i % 10 == 9) {
                    cache.flush();
                }
            }
            assertThat(cache.insert(OBJECT, 0, 0, block)).isEqualTo(BlockCache.Insertion.PRESENT);
        }
    }

    private void assertWarm(final CacheConfig config) {
        try (BlockCache cache = open(config)) {
            assertThat(cache.state()).isEqualTo(CacheState.ON);
            assertThat(cache.counters().recovered.get()).isEqualTo(BLOCKS);
            assertThat(cache.counters().entriesRefused.get()).isZero();
            for (int i = 0; i < BLOCKS; i++) {
                assertThat(readBlock(cache, i)).isEqualTo(CONFIG.blockBytes());
                final MemorySegment expected = arena.allocate(CONFIG.blockBytes());
                TrueBytes.fill(OBJECT, i, expected);
                assertThat(block.mismatch(expected)).isEqualTo(-1);
            }
        }
    }

    private int readBlock(final BlockCache cache, final int number) {
        final int[] result = {0};
        assertThat(cache.read(OBJECT, number, 0, block, 1)).isEqualTo(BlockCache.ACCEPTED);
        while (cache.readsInFlight() > 0) {
            cache.poll((token, bytes) -> result[0] = bytes, 1);
            cache.awaitCompletions(1_000_000);
        }
        return result[0];
    }

    private Path file() {
        return directory.resolve("cache/blocks");
    }

    private void overwrite(final long offset, final byte... bytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(file().toFile(), "rw")) {
            file.seek(offset);
            file.write(bytes);
        }
    }

    @Test
    void shouldBeWarmAfterARestart() {
        fill();
        assertWarm(CONFIG);
        assertWarm(CONFIG);
    }

    @Test
    void shouldRefuseTheCacheOfAnotherCluster() {
        fill();
        final CacheConfig other = CacheConfig.of("cache/blocks", new ObjectId(3, 5), 8 << 20);
        assertThatThrownBy(() -> open(other))
                .isInstanceOf(CacheRefusedException.class)
                .hasMessageContaining("cache/blocks")
                .hasMessageContaining("belongs to cluster " + CLUSTER)
                .hasMessageContaining("delete that one");
        assertWarm(CONFIG);
    }

    @Test
    void shouldMakeTheCacheOfAnOlderVersionAnew() throws IOException {
        fill();
        final MemorySegment superblock = arena.allocate(Superblock.BYTES, Long.BYTES);
        MemorySegment.copy(
                Files.readAllBytes(file()), 0, superblock, ValueLayout.JAVA_BYTE, 0, (int) superblock.byteSize());
        final Superblock now = Superblock.decode(superblock);
        new Superblock(1, now.cluster(), now.fileId(), now.blockBytes(), now.slots()).encode(superblock);
        final byte[] older = superblock.toArray(ValueLayout.JAVA_BYTE);
        overwrite(0, older);
        overwrite(CacheLayout.SUPERBLOCK_BYTES, older);
        // Each block is taken: none is there.
        fill();
        assertWarm(CONFIG);
    }

    @Test
    void shouldRefuseALaterVersion() throws IOException {
        fill();
        overwrite(8, (byte) 9);
        overwrite(CacheLayout.SUPERBLOCK_BYTES + 8, (byte) 9);
        assertThatThrownBy(() -> open(CONFIG))
                .isInstanceOf(CacheRefusedException.class)
                .hasMessageContaining("format version 9")
                .hasMessageContaining("delete the file");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldMendOneDamagedSuperblock(final int copy) throws IOException {
        fill();
        overwrite((long) copy * CacheLayout.SUPERBLOCK_BYTES + 20, new byte[] {1, 2, 3, 4});
        assertWarm(CONFIG);
        overwrite((long) (1 - copy) * CacheLayout.SUPERBLOCK_BYTES, new byte[512]);
        assertWarm(CONFIG);
    }

    @Test
    void shouldRefuseAFileThatIsNoCache() throws IOException {
        Files.createDirectories(file().getParent());
        Files.writeString(file(), "somebody's diary\n".repeat(1_000));
        assertThatThrownBy(() -> open(CONFIG))
                .isInstanceOf(CacheRefusedException.class)
                .hasMessageContaining("is no cache");
        assertThat(Files.readString(file())).startsWith("somebody's diary");
    }

    @Test
    void shouldBeMadeAnewWhenItsSizeOrItsBlocksChange() throws IOException {
        fill();
        try (BlockCache cache = open(CacheConfig.of("cache/blocks", CLUSTER, 12 << 20))) {
            assertThat(cache.counters().recovered.get()).isZero();
            assertThat(cache.state()).isEqualTo(CacheState.ON);
        }
        try (BlockCache cache = open(CacheConfig.of("cache/blocks", CLUSTER, 12 << 20, 32 << 10))) {
            assertThat(cache.counters().recovered.get()).isZero();
        }
        try (RandomAccessFile cut = new RandomAccessFile(file().toFile(), "rw")) {
            cut.setLength(4 << 20);
        }
        try (BlockCache cache = open(CacheConfig.of("cache/blocks", CLUSTER, 12 << 20, 32 << 10))) {
            assertThat(cache.counters().recovered.get()).isZero();
            assertThat(cache.state()).isEqualTo(CacheState.ON);
        }
        assertThat(Files.size(file())).isGreaterThan(11 << 20);
    }

    @Test
    void shouldStartColdWhenTheFileIsGoneAndSweepAHalfMadeOne() throws IOException {
        fill();
        Files.move(file(), file().resolveSibling("blocks.new"));
        try (BlockCache cache = open(CONFIG)) {
            assertThat(cache.state()).isEqualTo(CacheState.ON);
            assertThat(cache.counters().recovered.get()).isZero();
        }
        assertThat(Files.exists(file().resolveSibling("blocks.new"))).isFalse();
    }

    @Test
    void shouldRefuseEntriesThatHaveRotten() throws IOException {
        fill();
        final byte[] noise = new byte[CacheLayout.MAP_PAGE_BYTES];
        new SplittableRandom(4).nextBytes(noise);
        overwrite(CacheLayout.MAP_OFFSET, Arrays.copyOf(noise, 10 * SlotTable.ENTRY_BYTES));
        try (BlockCache cache = open(CONFIG)) {
            assertThat(cache.counters().entriesRefused.get()).isEqualTo(10);
            assertThat(cache.counters().recovered.get()).isEqualTo(BLOCKS - 10);
        }
    }

    @Test
    void shouldCountRottenBytesAsMissesAndWriteTheBlockAnew() throws IOException {
        fill();
        for (int i = 0; i < BLOCKS; i++) {
            overwrite(CacheLayout.dataOffset(CONFIG.slots()) + (long) i * CONFIG.blockBytes() + 9_000, (byte) 77);
        }
        try (BlockCache cache = open(CONFIG)) {
            assertThat(readBlock(cache, 7)).isEqualTo(BlockCache.MISS);
            assertThat(cache.counters().checksumFailures.get()).isEqualTo(1);
            assertThat(cache.contains(OBJECT, 7)).isFalse();
            assertThat(cache.counters().misses.get()).isEqualTo(1);
            TrueBytes.fill(OBJECT, 7, block);
            cache.flush();
            assertThat(cache.insert(OBJECT, 7, 0, block)).isEqualTo(BlockCache.Insertion.TAKEN);
            cache.flush();
            assertThat(readBlock(cache, 7)).isEqualTo(CONFIG.blockBytes());
            // The rot is in the third unit of each block; the first is read without it.
            final MemorySegment page = arena.allocate(CONFIG.unitBytes(), 4096);
            assertThat(cache.read(OBJECT, 8, 0, page, 2)).isEqualTo(BlockCache.ACCEPTED);
            while (cache.readsInFlight() > 0) {
                cache.poll((token, bytes) -> assertThat(bytes).isEqualTo(CONFIG.unitBytes()), 1);
            }
        }
    }

    @Test
    void shouldKeepASecondCacheOffTheFile() {
        try (BlockCache first = open(CONFIG)) {
            assertThat(first.state()).isEqualTo(CacheState.ON);
            assertThatThrownBy(() -> open(CONFIG)).isInstanceOf(DirectoryLockedException.class);
        }
    }
}
