package dev.firn.pagestore.layer;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import net.jpountz.lz4.LZ4Factory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Reads layers with nothing but what docs/page-layers.md says, and holds the format to what it was. */
class LayerFormatTest {
    private static final LayerName NAME = new LayerName(3, 17);

    /** Of what version 1 of the format makes of the entries below. */
    private static final long DELTA_CHECKSUM = 4_236_709_598L;

    private static final long IMAGE_CHECKSUM = 3_276_086_724L;

    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("layer-format-test", 32 << 20));

    @AfterEach
    void closeMemory() {
        memory.close();
    }

    @Test
    void shouldReadADeltaLayerByItsDescriptionAlone() {
        for (final LayerCompression compression : LayerCompression.values()) {
            final List<TestEntry> entries = TestEntry.random(new SplittableRandom(5), 3_000, 300, 100, 50_000);
            final TestLayer layer = write(LayerScope.delta("main", NAME, 100, 50_000), compression, entries);
            assertThat(new Reader(layer.bytes(), "main").entries()).isEqualTo(entries);
        }
    }

    @Test
    void shouldReadAnImageLayerByItsDescriptionAlone() {
        final List<TestEntry> pages = pages(new SplittableRandom(5));
        final TestLayer layer = write(LayerScope.image("main", NAME, 700), LayerCompression.ZSTD, pages);
        assertThat(new Reader(layer.bytes(), "main").entries()).isEqualTo(pages);
    }

    @Test
    void shouldWriteTheSameBytesForEver() {
        final List<TestEntry> entries = TestEntry.random(new SplittableRandom(9), 2_000, 300, 100, 50_000);
        assertThat(checksum(write(LayerScope.delta("main", NAME, 100, 50_000), LayerCompression.NONE, entries)))
                .isEqualTo(DELTA_CHECKSUM);
        assertThat(checksum(write(
                        LayerScope.image("main", NAME, 700), LayerCompression.NONE, pages(new SplittableRandom(9)))))
                .isEqualTo(IMAGE_CHECKSUM);
    }

    private TestLayer write(final LayerScope scope, final LayerCompression compression, final List<TestEntry> entries) {
        final LayerConfig config = new LayerConfig(4 << 10, compression, 5, 20, 10, 1 << 30, 1 << 20);
        return TestLayer.write(scope, config, entries, null, memory, null);
    }

    private static List<TestEntry> pages(final SplittableRandom random) {
        final List<TestEntry> pages = new ArrayList<>();
        int block = 0;
        for (int i = 0; i < 300; i++) {
            block += i % 100 < 70 ? 1 : 1 + random.nextInt(5);
            final byte[] page = new byte[i % 50 == 49 ? 0 : 8192];
            for (int at = 0; at < page.length; at++) {
                page[at] = (byte) (at % 100 < 60 ? block : random.nextInt());
            }
            pages.add(new TestEntry(
                    PageKeys.high(KeyClass.PAGE, 1663),
                    PageKeys.middle(5, 16_384 + i / 200),
                    PageKeys.low(0, block),
                    700,
                    (page.length == 0 ? EntryKind.ZEROES : EntryKind.IMAGE) | EntryKind.STANDS_ALONE,
                    0,
                    0,
                    ByteBuffer.wrap(page)));
        }
        return pages;
    }

    private static long checksum(final TestLayer layer) {
        return crc(ByteBuffer.wrap(layer.bytes()));
    }

    private static long crc(final ByteBuffer... parts) {
        final CRC32C crc = new CRC32C();
        for (final ByteBuffer part : parts) {
            crc.update(part.duplicate());
        }
        return crc.getValue();
    }

    /** Written from the page, on purpose without the classes that it checks. */
    private static final class Reader {
        private final ByteBuffer layer;
        private final byte[] timeline;
        private final List<TestEntry> entries = new ArrayList<>();

        private Reader(final byte[] bytes, final String timeline) {
            this.layer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            this.timeline = timeline.getBytes(StandardCharsets.UTF_8);
        }

        private List<TestEntry> entries() {
            final int footer = layer.capacity() - 136;
            assertThat(text(0)).isEqualTo("FIRNLAYR");
            assertThat(text(footer)).isEqualTo("FIRNLEND");
            assertThat(crc(layer.slice(0, 32))).isEqualTo(uint(32));
            assertThat(crc(layer.slice(footer, 132))).isEqualTo(uint(footer + 132));
            assertThat(uint(12)).isEqualTo(uint(footer + 128)).isEqualTo(crc(identity()));
            final int index = (int) layer.getLong(footer + 96);
            assertThat(crc(layer.slice(index, footer - index))).isEqualTo(uint(footer + 124));
            final int groups = layer.getInt(footer + 120);
            int body = index + 64 * groups;
            int offset = 40;
            for (int row = index; row < index + 64 * groups; row += 64) {
                assertThat(index + layer.getInt(row + 48)).isEqualTo(body);
                assertThat(layer.getLong(row + 32)).isEqualTo(offset);
                final int blocks = layer.getShort(row + 56);
                final int form = layer.get(row + 58);
                final boolean wide = (layer.get(row + 59) & 1) != 0;
                final int keyBytes = form == 0 ? 0 : form == 1 ? 4 : 16;
                final int lengths = body + blocks * keyBytes;
                final int filter = lengths + blocks * (wide ? 4 : 2);
                final int filterBytes = layer.getInt(row + 52);
                for (int i = 0; i < blocks; i++) {
                    final int length =
                            wide ? layer.getInt(lengths + 4 * i) : Short.toUnsignedInt(layer.getShort(lengths + 2 * i));
                    block(row, body + i * keyBytes, i, offset, length, filter, filterBytes);
                    offset += length;
                }
                body = filter + filterBytes;
            }
            assertThat(offset).isEqualTo(index);
            assertThat(body).isEqualTo(footer);
            assertThat(layer.getLong(footer + 104)).isEqualTo(entries.size());
            assertThat(layer.getLong(footer + 112))
                    .isEqualTo(entries.stream()
                            .mapToLong(entry -> entry.payload().capacity())
                            .sum());
            return entries;
        }

        private void block(
                final int row,
                final int keyAt,
                final int number,
                final int offset,
                final int length,
                final int filter,
                final int filterBytes) {
            final ByteBuffer place =
                    ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, offset);
            final CRC32C crc = new CRC32C();
            crc.update(identity());
            crc.update(place);
            crc.update(layer.slice(offset + 4, length - 4));
            assertThat(crc.getValue()).isEqualTo(uint(offset));
            final ByteBuffer content = content(offset, length);
            final long high = layer.getLong(row);
            final long middle = layer.getLong(row + 8);
            final long groupLow = layer.getLong(row + 16);
            final int form = layer.get(row + 58);
            final long low = form == 0 ? groupLow + number : form == 1 ? groupLow + uint(keyAt) : layer.getLong(keyAt);
            final long lsn = form == 2 ? layer.getLong(keyAt + 8) : layer.getLong(row + 24);
            if ((layer.get(row + 59) & 2) != 0) {
                entries.add(new TestEntry(high, middle, low, lsn, 0x82, 0, 0, content));
                return;
            }
            final int first = entries.size();
            entriesOf(content, filter, filterBytes);
            final TestEntry begin = entries.get(first);
            assertThat(List.of(begin.high(), begin.middle(), begin.low(), begin.lsn()))
                    .isEqualTo(List.of(high, middle, low, lsn));
            final boolean continued = (layer.getLong(row + 40) >>> number & 1) != 0;
            assertThat(continued).isEqualTo(first > 0 && entries.get(first - 1).isOfKey(begin));
        }

        private void entriesOf(final ByteBuffer content, final int filter, final int filterBytes) {
            final int keys = content.getInt(0);
            final int count = content.getInt(4);
            for (int key = 0; key < keys; key++) {
                final int row = 8 + 32 * key;
                final long high = content.getLong(row);
                final long middle = content.getLong(row + 8);
                final long low = content.getLong(row + 16);
                assertThat(isInFilter(high, middle, low, filter, filterBytes)).isTrue();
                final int end = key + 1 < keys ? content.getInt(row + 32 + 24) : count;
                for (int entry = content.getInt(row + 24); entry < end; entry++) {
                    final int at = 8 + 32 * keys + 24 * entry;
                    final long lsn = content.getLong(at);
                    final int record = content.getInt(at + 16);
                    final byte[] payload = new byte[content.getInt(at + 12)];
                    content.get(content.getInt(at + 8), payload);
                    entries.add(new TestEntry(
                            high,
                            middle,
                            low,
                            lsn,
                            Byte.toUnsignedInt(content.get(at + 22)),
                            content.getShort(at + 20),
                            record == 0 ? 0 : lsn - record,
                            ByteBuffer.wrap(payload)));
                }
            }
        }

        private ByteBuffer content(final int offset, final int length) {
            final int word = layer.getInt(offset + 4);
            final byte[] stored = new byte[length - 8];
            layer.get(offset + 8, stored);
            final byte[] content = new byte[word & 0x3FFFFFFF];
            switch (word >>> 30) {
                case 0 -> System.arraycopy(stored, 0, content, 0, stored.length);
                case 1 ->
                    LZ4Factory.safeInstance()
                            .safeDecompressor()
                            .decompress(stored, 0, stored.length, content, 0, content.length);
                default -> assertThat(Zstd.decompress(content, stored)).isEqualTo(content.length);
            }
            return ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        }

        private boolean isInFilter(
                final long high, final long middle, final long low, final int filter, final int filterBytes) {
            long hash = (high ^ Long.rotateLeft(middle, 29)) * 0x9E3779B97F4A7C15L;
            hash = (hash ^ (hash >>> 32) ^ low) * 0xC2B2AE3D27D4EB4FL;
            hash = (hash ^ (hash >>> 32)) * 0x9E3779B97F4A7C15L;
            hash = hash ^ (hash >>> 32);
            final int[] salts = {
                0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31
            };
            final int block = filter + 32 * (int) (((hash >>> 32) * (filterBytes / 32)) >>> 32);
            for (int i = 0; i < 8; i++) {
                if ((layer.getInt(block + 4 * i) >>> (((int) hash * salts[i]) >>> 27) & 1) == 0) {
                    return false;
                }
            }
            return true;
        }

        private ByteBuffer identity() {
            return ByteBuffer.allocate(16 + timeline.length)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(layer.getLong(16))
                    .putLong(layer.getLong(24))
                    .put(timeline)
                    .flip();
        }

        private String text(final int at) {
            final byte[] text = new byte[8];
            layer.get(at, text);
            return new String(text, StandardCharsets.US_ASCII);
        }

        private long uint(final int at) {
            return Integer.toUnsignedLong(layer.getInt(at));
        }
    }
}
