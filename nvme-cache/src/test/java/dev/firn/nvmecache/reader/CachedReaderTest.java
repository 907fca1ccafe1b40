package dev.firn.nvmecache.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nvmecache.BlockCache;
import dev.firn.nvmecache.CacheConfig;
import dev.firn.nvmecache.ObjectId;
import dev.firn.nvmecache.reader.ScriptedSession.Get;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.NotFound;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachedReaderTest {
    private static final int BLOCK = 64 << 10;
    private static final MemoryTag TAG = MemoryTag.of("cached-reader-test");
    private static final int OBJECT_BYTES = 40 * BLOCK + 1_234;

    @TempDir
    Path directory;

    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(64 << 20);
    private final Arena arena = Arena.ofConfined();
    private final ScriptedSession session = new ScriptedSession();
    private final Map<Long, GetOutcome> failed = new HashMap<>();
    private final Map<Long, Integer> read = new HashMap<>();
    private final CachedObject object = object("layer-1", OBJECT_BYTES);
    private BlockCache cache;
    private CachedReader reader;

    private final ObjectReadHandler handler = new ObjectReadHandler() {
        @Override
        public void onRead(final long token) {
            read.merge(token, 1, Integer::sum);
        }

        @Override
        public void onFailed(final long token, final GetOutcome why) {
            assertThat(failed.put(token, why)).isNull();
        }
    };

    @BeforeEach
    void open() {
        final CacheConfig config = CacheConfig.of("cache/blocks", new ObjectId(1, 2), 16 << 20)
                .withDepth(16, 8, 64)
                .withSyncIntervalNs(5_000_000);
        cache = BlockCache.open(
                new HostStorage(directory), config, memory, SystemClock.INSTANCE, new SplittableRandom(1));
        reader = new CachedReader(cache, session, new ReaderLimits(64, 8, 8, 16, 1_000_000_000L), memory);
        session.objects.put(object.key(), bytes(object.key(), OBJECT_BYTES));
    }

    @AfterEach
    void closeAll() {
        reader.close();
        cache.close();
        session.close();
        arena.close();
        leaks.close();
    }

    @Test
    void shouldFetchABlockOnceForAllWhoWait() {
        session.answering = false;
        final MemorySegment[] into = new MemorySegment[20];
        for (int i = 0; i < into.length; i++) {
            into[i] = arena.allocate(8192, 4096);
            assertThat(reader.read(object, 3L * BLOCK + i * 100, into[i], handler, i))
                    .isTrue();
        }
        reader.poll(100);
        assertThat(read).isEmpty();
        session.answering = true;
        answerAll();

        assertThat(session.gets).containsExactly(new Get("layer-1", 3L * BLOCK, BLOCK));
        assertThat(reader.counters().fetchesShared.get()).isEqualTo(19);
        for (int i = 0; i < into.length; i++) {
            assertThat(read.get((long) i)).isEqualTo(1);
            assertTrueBytes(into[i], 3L * BLOCK + i * 100);
        }
        assertThat(reader.read(object, 3L * BLOCK, into[0], handler, 99)).isTrue();
        answerAll();
        assertThat(session.gets).hasSize(1);
        assertThat(reader.counters().blocksFromCache.get()).isEqualTo(1);
    }

    @Test
    void shouldPutTogetherAReadThatCrossesBlocks() {
        final MemorySegment into = arena.allocate(3 * BLOCK, 1);
        assertThat(reader.read(object, BLOCK - 17, into, handler, 5)).isTrue();
        answerAll();
        assertThat(read).containsEntry(5L, 1);
        assertTrueBytes(into, BLOCK - 17);
        assertThat(session.gets).hasSize(4);
    }

    @Test
    void shouldLeaveWhatIsBehindTheRangeInLongerMemoryAsItWas() {
        final int length = BLOCK + 100;
        final MemorySegment into = arena.allocate(3 * BLOCK, 4096);
        for (int round = 0; round < 2; round++) {
            into.fill((byte) 7);
            assertThat(reader.read(object, BLOCK - 17, into, length, handler, round))
                    .isTrue();
            answerAll();
            assertTrueBytes(into.asSlice(0, length), BLOCK - 17);
            assertThat(into.asSlice(length).toArray(ValueLayout.JAVA_BYTE)).containsOnly(7);
        }
        assertThat(reader.counters().blocksFromCache.get()).isEqualTo(3);
        assertThatThrownBy(() -> reader.read(object, 0, into, 3 * BLOCK + 1, handler, 9))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void shouldAskTheStoreAgainForWhatTurnedOutToBeWrong() {
        final byte[] right = session.objects.get(object.key());
        final byte[] wrong = right.clone();
        wrong[3 * BLOCK + 5] ^= 1;
        session.objects.put(object.key(), wrong);
        final MemorySegment into = arena.allocate(2 * BLOCK, 4096);
        assertThat(reader.read(object, 3L * BLOCK - 8, into, handler, 1)).isTrue();
        answerAll();
        session.objects.put(object.key(), right);
        assertThat(reader.read(object, 3L * BLOCK - 8, into, handler, 2)).isTrue();
        answerAll();
        assertThat(into.get(ValueLayout.JAVA_BYTE, 8 + 5))
                .as("as it was fetched")
                .isEqualTo(wrong[3 * BLOCK + 5]);

        reader.forget(object, 3L * BLOCK + 4, 2);
        assertThat(reader.read(object, 3L * BLOCK - 8, into, handler, 3)).isTrue();
        answerAll();
        assertTrueBytes(into, 3L * BLOCK - 8);
        assertThat(session.gets).endsWith(new Get("layer-1", 3L * BLOCK, BLOCK)).hasSize(4);
    }

    @Test
    void shouldReadTheShortLastBlock() {
        final MemorySegment into = arena.allocate(1_000, 1);
        for (int round = 0; round < 2; round++) {
            into.fill((byte) 0);
            assertThat(reader.read(object, OBJECT_BYTES - 1_000, into, handler, round))
                    .isTrue();
            answerAll();
            assertTrueBytes(into, OBJECT_BYTES - 1_000);
        }
        assertThat(session.gets).containsExactly(new Get("layer-1", 40L * BLOCK, 1_234));
    }

    @Test
    void shouldPrefetchNeighboursTogetherAndOnlyWhatIsMissing() {
        final MemorySegment into = arena.allocate(8192, 4096);
        assertThat(reader.read(object, 5L * BLOCK, into, handler, 1)).isTrue();
        answerAll();
        session.gets.clear();
        reader.prefetch(object, 0, 30L * BLOCK);
        settle();
        assertThat(session.gets)
                .containsExactly(
                        new Get("layer-1", 0, 5L * BLOCK),
                        new Get("layer-1", 6L * BLOCK, 16L * BLOCK),
                        new Get("layer-1", 22L * BLOCK, 8L * BLOCK));
        session.gets.clear();
        for (int block = 0; block < 30; block++) {
            assertThat(reader.read(object, (long) block * BLOCK, into, handler, 100 + block))
                    .isTrue();
            answerAll();
            assertTrueBytes(into, (long) block * BLOCK);
        }
        assertThat(session.gets).isEmpty();
    }

    @Test
    void shouldTellAllWhoWaitedWhenTheStoreFails() {
        session.failures = 1;
        final MemorySegment into = arena.allocate(8192, 4096);
        reader.read(object, 0, into, handler, 1);
        reader.read(object, 8192, into, handler, 2);
        answerAll();
        assertThat(failed).hasSize(2);
        assertThat(failed.get(1L)).isInstanceOf(Failed.class);
        assertThat(reader.read(object, 0, into, handler, 3)).isTrue();
        answerAll();
        assertThat(read).containsEntry(3L, 1);

        reader.read(object("nowhere", BLOCK), 0, into, handler, 4);
        answerAll();
        assertThat(failed.get(4L)).isEqualTo(new NotFound("nowhere"));
    }

    @Test
    void shouldCallAnObjectOfAnotherLengthAFailure() {
        final MemorySegment into = arena.allocate(8192, 4096);
        final CachedObject wrong = object("layer-1", OBJECT_BYTES + BLOCK);
        reader.read(wrong, 0, into, handler, 1);
        answerAll();
        assertThat(failed.get(1L)).isInstanceOf(GetOutcome.Fetched.class);
        assertThat(cache.contains(wrong.id(), 0)).isFalse();
    }

    @Test
    void shouldRefuseMoreReadsThanItMayHold() {
        session.answering = false;
        final MemorySegment into = arena.allocate(100, 1);
        for (int i = 0; i < 64; i++) {
            assertThat(reader.read(object, i * 100L, into, handler, i)).isTrue();
        }
        assertThat(reader.read(object, 0, into, handler, 64)).isFalse();
        assertThatThrownBy(() -> reader.read(object, OBJECT_BYTES - 10, into, handler, 65))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> reader.read(object, 0, arena.allocate(9 * BLOCK), handler, 65))
                .hasMessageContaining("blocksPerRead");
        session.answering = true;
        answerAll();
        assertThat(read).hasSize(64);
    }

    @Test
    void shouldGiveTheTrueBytesOfRandomReadsWhenLimitsAreMet() {
        final SplittableRandom random = new SplittableRandom(42);
        session.room = 4;
        final CachedObject[] objects = new CachedObject[20];
        for (int i = 0; i < objects.length; i++) {
            final int length = 1 + random.nextInt(20 * BLOCK);
            objects[i] = object("o" + i, length);
            session.objects.put("o" + i, bytes("o" + i, length));
        }
        final Map<Long, Runnable> checks = new HashMap<>();
        final ObjectReadHandler checking = new ObjectReadHandler() {
            @Override
            public void onRead(final long token) {
                checks.remove(token).run();
            }

            @Override
            public void onFailed(final long token, final GetOutcome why) {
                throw new AssertionError(why.toString());
            }
        };
        for (long token = 0; token < 6_000; token++) {
            final CachedObject one = objects[random.nextInt(objects.length)];
            final long offset = random.nextLong(one.lengthBytes());
            final int most = (int) Math.min(one.lengthBytes() - offset, 5 * BLOCK);
            final int length = 1 + random.nextInt(most);
            final MemorySegment into = memory.allocate(length + random.nextInt(2) * 512L, TAG);
            while (!reader.read(one, offset, into, length, checking, token)) {
                reader.poll(10);
            }
            checks.put(token, () -> {
                assertTrueBytes(one.key(), into.asSlice(0, length), offset);
                memory.free(into);
            });
            if (random.nextInt(100) == 0) {
                reader.prefetch(one, 0, one.lengthBytes());
            }
            reader.poll(1 + random.nextInt(4));
        }
        while (reader.inFlight() > 0) {
            reader.poll(100);
            cache.awaitCompletions(1_000_000);
        }
        assertThat(checks).isEmpty();
        assertThat(reader.counters().blocksFromCache.get()).isGreaterThan(500);
        assertThat(reader.counters().fetchesShared.get()).isPositive();
    }

    private void answerAll() {
        while (reader.inFlight() > 0) {
            reader.poll(100);
            cache.awaitCompletions(1_000_000);
        }
        settle();
    }

    /** Until the cache has what was fetched. */
    private void settle() {
        for (int i = 0; i < 20; i++) {
            reader.poll(100);
            cache.awaitCompletions(1_000_000);
        }
    }

    private static CachedObject object(final String key, final long lengthBytes) {
        return new CachedObject(ObjectId.of("s3://test/" + key, "" + lengthBytes), key, null, lengthBytes, 0);
    }

    private static byte[] bytes(final String key, final int length) {
        final byte[] bytes = new byte[length];
        new SplittableRandom(key.hashCode()).nextBytes(bytes);
        return bytes;
    }

    private void assertTrueBytes(final MemorySegment into, final long offset) {
        assertTrueBytes(object.key(), into, offset);
    }

    private void assertTrueBytes(final String key, final MemorySegment into, final long offset) {
        final MemorySegment expected = MemorySegment.ofArray(session.objects.get(key));
        assertThat(MemorySegment.mismatch(expected, offset, offset + into.byteSize(), into, 0, into.byteSize()))
                .as("first wrong byte of a read at " + offset + " of " + key)
                .isEqualTo(-1);
    }
}
