package dev.firn.pagestore.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.layer.LayerDescription;
import dev.firn.pagestore.layer.LayerKind;
import dev.firn.pagestore.layer.LayerName;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class ManifestCodecTest {
    @Test
    void shouldGiveBackWhatWasEncoded() {
        for (long seed = 1; seed <= 200; seed++) {
            final Manifest manifest = random(new SplittableRandom(seed));
            assertThat(ManifestCodec.decode(ManifestCodec.encode(manifest)))
                    .as("seed %d", seed)
                    .isEqualTo(manifest);
        }
    }

    @Test
    void shouldRefuseEveryBitFlipAndTruncation() {
        final byte[] right = ManifestCodec.encode(random(new SplittableRandom(7)));
        for (int bit = 0; bit < right.length * Byte.SIZE; bit++) {
            final byte[] wrong = right.clone();
            wrong[bit / Byte.SIZE] ^= (byte) (1 << (bit % Byte.SIZE));
            assertThatThrownBy(() -> ManifestCodec.decode(wrong)).isInstanceOf(MalformedManifestException.class);
        }
        for (int length = 0; length < right.length; length++) {
            final byte[] cut = Arrays.copyOf(right, length);
            assertThatThrownBy(() -> ManifestCodec.decode(cut)).isInstanceOf(MalformedManifestException.class);
        }
    }

    @Test
    void shouldRefuseNumbersThatLieUnderARightChecksum() {
        int refused = 0;
        for (long seed = 1; seed <= 20_000; seed++) {
            final SplittableRandom random = new SplittableRandom(seed);
            final byte[] bytes = ManifestCodec.encode(random(random));
            final ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 1 + random.nextInt(3); i > 0; i--) {
                final int at = random.nextInt(bytes.length - 8);
                if (random.nextBoolean()) {
                    buffer.putInt(at, random.nextBoolean() ? -1 : random.nextInt());
                } else {
                    buffer.put(at, (byte) random.nextInt());
                }
            }
            buffer.putInt(bytes.length - 4, Crc32c.compute(bytes, 0, bytes.length - 4));
            try {
                final Manifest manifest = ManifestCodec.decode(bytes);
                assertThat(ManifestCodec.encode(manifest)).as("seed %d", seed).isEqualTo(bytes);
            } catch (final MalformedManifestException expected) {
                assertThat(expected.getMessage()).isNotEmpty();
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(5_000);
    }

    @Test
    void shouldNotMakeAManifestThatIsTooLong() {
        final String name = "n".repeat(Manifest.MAX_NAME);
        final List<Manifest.Hold> holds = new ArrayList<>();
        for (int i = 0; i < ManifestCodec.MAX_BYTES / Manifest.MAX_NAME; i++) {
            holds.add(new Manifest.Hold(name, 1, 1));
        }
        final Manifest manifest = new Manifest("main", 1, 1, 1, 0, "", 0, "", 0, holds, List.of());
        assertThatThrownBy(() -> ManifestCodec.encode(manifest))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("more than its limit");
    }

    static Manifest random(final RandomGenerator random) {
        final List<Manifest.Hold> holds = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            holds.add(new Manifest.Hold("höld" + i, random.nextLong(Long.MAX_VALUE), Long.MAX_VALUE));
        }
        final List<LayerDescription> layers = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            final long from = random.nextLong(1L << 40);
            final boolean image = random.nextBoolean();
            final long index = random.nextLong(1L << 30);
            layers.add(new LayerDescription(
                    new LayerName(1 + random.nextInt(5), random.nextInt(1_000)),
                    image ? LayerKind.IMAGE : LayerKind.DELTA,
                    new KeyRange(1, random.nextInt(), 3, 1L << 40, random.nextInt(), -1),
                    from,
                    image ? from : from + 1 + random.nextInt(100_000),
                    index + 1 + random.nextInt(1 << 20),
                    index,
                    random.nextInt(1 << 20),
                    random.nextLong(1L << 35),
                    random.nextInt()));
        }
        layers.sort((one, other) -> one.name().compareTo(other.name()));
        for (int i = layers.size() - 1; i > 0; i--) {
            if (layers.get(i).name().equals(layers.get(i - 1).name())) {
                layers.remove(i);
            }
        }
        final boolean branch = random.nextBoolean();
        return new Manifest(
                "main",
                1 + random.nextInt(9),
                random.nextLong(),
                1 + random.nextInt(900),
                random.nextLong(Long.MAX_VALUE),
                branch ? "parent" : "",
                branch ? random.nextLong(Long.MAX_VALUE) : 0,
                branch ? "" : "timelines/main/base/backup.json",
                random.nextLong(Long.MAX_VALUE),
                holds,
                layers);
    }
}
