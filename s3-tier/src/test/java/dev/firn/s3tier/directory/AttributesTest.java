package dev.firn.s3tier.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.store.WriteStamp;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What stands in attributes and in the format file: read back as written, and nothing else is taken for it. */
class AttributesTest {
    private static final int ROUNDS = 20_000;
    private static final long SEED = 17;

    private static ObjectAttribute random(final RandomGenerator random) {
        WriteStamp stamp = WriteStamp.NONE;
        for (int i = random.nextInt(20); i > 0; i--) {
            final String write = String.format(Locale.ROOT, "%016x%016x", random.nextLong(), random.nextLong());
            stamp = stamp.equals(WriteStamp.NONE) && random.nextBoolean()
                    ? WriteStamp.created(write)
                    : stamp.replacedBy(write);
        }
        return new ObjectAttribute(
                random.nextInt(), random.nextLong() >>> 1, random.nextLong(), random.nextLong(), stamp);
    }

    @Test
    void shouldReadBackWhatWasWrittenAndNothingThatWasChanged() {
        final RandomGenerator random = SystemRandom.seeded(SEED);
        for (int round = 0; round < ROUNDS; round++) {
            final ObjectAttribute attribute = random(random);
            final byte[] bytes = attribute.encode();
            assertThat(ObjectAttribute.decode(bytes)).isEqualTo(attribute);
            assertThat(UploadAttribute.decode(bytes)).isNull();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            assertThat(ObjectAttribute.decode(bytes)).as("round %d", round).isNull();
            assertThat(ObjectAttribute.decode(Arrays.copyOf(bytes, random.nextInt(bytes.length))))
                    .isNull();
        }
    }

    @Test
    void shouldKeepTheAttributeOfANewObjectWithinAnInode() {
        final ObjectAttribute attribute =
                new ObjectAttribute(1, 2, 3, 4, WriteStamp.created("0123456789abcdef0123456789abcdef"));
        assertThat(attribute.encode()).hasSize(52);
        assertThat(attribute.etag()).isEqualTo("\"00000001-0000000000000003\"");
    }

    @Test
    void shouldReadBackUploadsAndNothingThatWasChanged() {
        final RandomGenerator random = SystemRandom.seeded(SEED);
        for (int round = 0; round < ROUNDS; round++) {
            final UploadAttribute attribute =
                    new UploadAttribute("a/雪/" + "x".repeat(random.nextInt(1_000)), random.nextLong());
            final byte[] bytes = attribute.encode();
            assertThat(UploadAttribute.decode(bytes)).isEqualTo(attribute);
            assertThat(ObjectAttribute.decode(bytes)).isNull();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            assertThat(UploadAttribute.decode(bytes)).as("round %d", round).isNull();
        }
    }

    @Test
    void shouldTakeNoGarbageForAnything() {
        final RandomGenerator random = SystemRandom.seeded(SEED);
        for (int round = 0; round < ROUNDS; round++) {
            final byte[] garbage = new byte[random.nextInt(200)];
            random.nextBytes(garbage);
            if (garbage.length > 1 && random.nextBoolean()) {
                garbage[0] = 1;
                garbage[1] = (byte) (random.nextBoolean() ? 'o' : 'u');
            }
            assertThat(ObjectAttribute.decode(garbage)).isNull();
            assertThat(UploadAttribute.decode(garbage)).isNull();
            assertThatExceptionOfType(StoreRefusedException.class)
                    .isThrownBy(() -> StoreFormat.decode(garbage, "/place"));
        }
    }

    @Test
    void shouldReadItsFormatAndRefuseALaterOneInASentence() {
        final StoreFormat format = new StoreFormat(1, "0123456789abcdef0123456789abcdef");
        assertThat(StoreFormat.decode(format.encode(), "/place")).isEqualTo(format);
        final byte[] later = "firn object store\nversion 2\nsomething else\n".getBytes(StandardCharsets.UTF_8);
        assertThatExceptionOfType(StoreRefusedException.class)
                .isThrownBy(() -> StoreFormat.decode(later, "/place"))
                .withMessage("/place was written by a later Firn (format 2, this one knows up to 1): use that one");
    }
}
