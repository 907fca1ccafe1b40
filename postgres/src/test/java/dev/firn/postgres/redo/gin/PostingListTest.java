package dev.firn.postgres.redo.gin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.MalformedDataException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PostingListTest {
    private static final long LAST_ITEM = GinBytes.item(0xFFFF_FFFFL, 2047);

    private final PostingListReader reader = new PostingListReader();
    private final PostingListWriter writer = new PostingListWriter();

    @Test
    void shouldWriteWhatPostgresWrites() {
        assertThat(write(64, GinBytes.item(0x0001_0002, 3)))
                .as("one item: nothing follows the header")
                .containsExactly(1, 0, 2, 0, 3, 0, 0, 0);
        assertThat(write(64, GinBytes.item(0, 1), GinBytes.item(0, 2)))
                .as("an odd length gets a zero that is not counted")
                .containsExactly(0, 0, 0, 0, 1, 0, 1, 0, 1, 0);
        assertThat(write(64, GinBytes.item(0, 1), GinBytes.item(1, 1)))
                .containsExactly(0, 0, 0, 0, 1, 0, 2, 0, 0x80, 0x10);
        assertThat(write(64, 1, LAST_ITEM))
                .as("the largest distance has seven bytes")
                .containsExactly(0, 0, 0, 0, 1, 0, 7, 0, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0);
    }

    @Test
    void shouldReadBackWhatItWrote() {
        for (long seed = 0; seed < 2_000; seed++) {
            final RandomGenerator random = new SplittableRandom(seed);
            final long[] items = randomItems(random, 10 + random.nextInt(300));
            final byte[] written = write(8192, items);
            assertThat(written).as("seed " + seed).isEqualTo(GinBytes.list(items));
            assertThat(read(MemorySegment.ofArray(written))).as("seed " + seed).isEqualTo(items);
        }
    }

    @Test
    void shouldRefuseItemsThatDoNotAscend() {
        assertThatThrownBy(() -> write(64, 9, 9))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("do not ascend");
        assertThatThrownBy(() -> write(64, 9, 8)).hasMessageContaining("do not ascend");
    }

    @Test
    void shouldRefuseToPassTheLimit() {
        assertThat(write(10, 1, 2)).hasSize(10);
        assertThatThrownBy(() -> write(9, 1, 2)).hasMessageContaining("does not fit");
        assertThatThrownBy(() -> write(8, 1, 2)).hasMessageContaining("does not fit");
        assertThatThrownBy(() -> write(7, 1)).hasMessageContaining("does not fit");
    }

    @Test
    void shouldRefuseDistancesThatDoNotEnd() {
        assertThatThrownBy(() -> read(segment(0, 0, 0, 0, 1, 0, 1, 0, 0x80, 0))).hasMessageContaining("ends within");
        assertThatThrownBy(() -> read(segment(0, 0, 0, 0, 1, 0, 8, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01)))
                .hasMessageContaining("more than 7 bytes");
    }

    @Test
    void shouldRefuseItemsThatNoHeapHas() {
        assertThatThrownBy(() -> read(segment(0, 0, 0, 0, 0, 0, 0, 0))).hasMessageContaining("offset number 0");
        assertThatThrownBy(() -> read(segment(0, 0, 0, 0, 0, 8, 0, 0))).hasMessageContaining("offset number 2048");
        assertThatThrownBy(() -> read(segment(0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 2, 0, 0x80, 0x10)))
                .hasMessageContaining("block 4294967296");
    }

    private byte[] write(final int limit, final long... items) {
        final MemorySegment segment = MemorySegment.ofArray(new byte[8192]);
        writer.begin(segment, 0, limit, items[0]);
        for (int i = 1; i < items.length; i++) {
            writer.add(items[i]);
        }
        final int bytes = writer.finish();
        assertThat(PostingListReader.listBytes(segment, 0)).isEqualTo(bytes);
        return Arrays.copyOf(segment.toArray(ValueLayout.JAVA_BYTE), bytes);
    }

    private long[] read(final MemorySegment list) {
        final LongStream.Builder items = LongStream.builder();
        for (long item = reader.wrap(list, 0); item != PostingListReader.NO_ITEM; item = reader.next()) {
            items.add(item);
        }
        return items.build().toArray();
    }

    private static long[] randomItems(final RandomGenerator random, final int count) {
        final long most = random.nextBoolean() ? LAST_ITEM : 100_000;
        return random.longs(count, 1, most)
                .filter(item -> (item & 0x7FF) != 0)
                .sorted()
                .distinct()
                .toArray();
    }

    private static MemorySegment segment(final int... values) {
        final byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return MemorySegment.ofArray(bytes);
    }
}
