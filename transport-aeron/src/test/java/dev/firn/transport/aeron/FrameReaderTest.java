package dev.firn.transport.aeron;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemRandom;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class FrameReaderTest {
    private static final long SEED = 0xF1A2_0001L;
    private static final int FRAMES = 100_000;
    private static final int SELF = 4;
    private static final int PEER = 9;

    private final FrameReader reader = new FrameReader(SELF, Set.of(SELF, PEER));

    @Test
    void shouldAcceptWhenFrameIsFromAPeerToThisNode() {
        final UnsafeBuffer frame = frameWithPayload(PEER, SELF, 100);

        assertThat(reader.read(frame, 0, frame.capacity())).isEqualTo(FrameVerdict.ACCEPTED);
        assertThat(reader.sourceNodeId()).isEqualTo(PEER);
    }

    @Test
    void shouldAcceptWhenPayloadIsEmptyOrAsLongAsAllowed() {
        for (final int payload : new int[] {0, AeronEndpoint.MAX_MESSAGE_LENGTH}) {
            final UnsafeBuffer frame = frameWithPayload(PEER, SELF, payload);
            assertThat(reader.read(frame, 0, frame.capacity())).isEqualTo(FrameVerdict.ACCEPTED);
        }
    }

    @Test
    void shouldKeepItsLayoutOnTheWire() {
        final UnsafeBuffer header = FrameLayout.plainHeader(0x0102, 0x0304);

        assertThat(header.byteArray())
                .as("block length 8, template 1, schema 61, version 1, FIRN, source, destination; little-endian")
                .containsExactly(8, 0, 1, 0, 61, 0, 1, 0, 'F', 'I', 'R', 'N', 2, 1, 4, 3);
    }

    @Test
    void shouldNameTheReasonWhenOneFieldIsWrong() {
        assertThat(verdictAfterChanging(0, 9)).as("block length").isEqualTo(FrameVerdict.MALFORMED);
        assertThat(verdictAfterChanging(2, 2)).as("template").isEqualTo(FrameVerdict.MALFORMED);
        assertThat(verdictAfterChanging(2, 4)).as("template").isEqualTo(FrameVerdict.MALFORMED);
        assertThat(verdictAfterChanging(4, 62)).as("schema").isEqualTo(FrameVerdict.FOREIGN);
        assertThat(verdictAfterChanging(6, 0)).as("version before").isEqualTo(FrameVerdict.ACCEPTED);
        assertThat(verdictAfterChanging(6, 2)).as("version to come").isEqualTo(FrameVerdict.WRONG_VERSION);
        assertThat(verdictAfterChanging(8, 'f')).as("magic").isEqualTo(FrameVerdict.FOREIGN);
        assertThat(verdictAfterChanging(12, 77)).as("source").isEqualTo(FrameVerdict.UNKNOWN_SOURCE);
        assertThat(verdictAfterChanging(14, PEER)).as("destination").isEqualTo(FrameVerdict.WRONG_DESTINATION);
    }

    @Test
    void shouldCallItTooShortWhenTheHeaderIsCutAnywhere() {
        final UnsafeBuffer frame = frameWithPayload(PEER, SELF, 0);
        for (int length = 0; length < FrameLayout.PLAIN_HEADER_LENGTH; length++) {
            assertThat(reader.read(new UnsafeBuffer(frame, 0, length), 0, length))
                    .as("length %d", length)
                    .isEqualTo(FrameVerdict.TOO_SHORT);
        }
    }

    @Test
    void shouldCallItTooLongWhenOneByteIsOver() {
        final UnsafeBuffer frame = frameWithPayload(PEER, SELF, AeronEndpoint.MAX_MESSAGE_LENGTH + 1);

        assertThat(reader.read(frame, 0, frame.capacity())).isEqualTo(FrameVerdict.TOO_LONG);
    }

    /** Buffers end where the frame ends, so that reading past it would throw. */
    @Test
    void shouldJudgeWithoutThrowingWhenFramesAreRandom() {
        final RandomGenerator random = SystemRandom.seeded(SEED);
        final Map<FrameVerdict, Integer> counts = new EnumMap<>(FrameVerdict.class);
        for (int i = 0; i < FRAMES; i++) {
            final byte[] bytes = new byte[random.nextInt(64)];
            random.nextBytes(bytes);
            counts.merge(reader.read(new UnsafeBuffer(bytes), 0, bytes.length), 1, Integer::sum);
        }

        assertThat(counts.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(FRAMES);
        assertThat(counts).as("seed %x", SEED).containsOnlyKeys(FrameVerdict.TOO_SHORT, FrameVerdict.FOREIGN);
    }

    /** Flips a few bits of a good frame: every verdict that the header can lead to must come up, and none else. */
    @Test
    void shouldJudgeWithoutThrowingWhenGoodFramesAreDamaged() {
        final RandomGenerator random = SystemRandom.seeded(SEED);
        final Map<FrameVerdict, Integer> counts = new EnumMap<>(FrameVerdict.class);
        for (int i = 0; i < FRAMES; i++) {
            final UnsafeBuffer frame = frameWithPayload(PEER, SELF, random.nextInt(32));
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                final int index = random.nextInt(frame.capacity());
                frame.putByte(index, (byte) (frame.getByte(index) ^ (1 << random.nextInt(8))));
            }
            final int length = random.nextInt(8) == 0 ? random.nextInt(frame.capacity()) : frame.capacity();
            final FrameVerdict verdict = reader.read(new UnsafeBuffer(frame, 0, length), 0, length);
            counts.merge(verdict, 1, Integer::sum);
        }

        assertThat(counts)
                .as("seed %x", SEED)
                .containsOnlyKeys(
                        FrameVerdict.ACCEPTED,
                        FrameVerdict.TOO_SHORT,
                        FrameVerdict.FOREIGN,
                        FrameVerdict.WRONG_VERSION,
                        FrameVerdict.MALFORMED,
                        FrameVerdict.UNKNOWN_SOURCE,
                        FrameVerdict.WRONG_DESTINATION);
    }

    private FrameVerdict verdictAfterChanging(final int index, final int value) {
        final UnsafeBuffer frame = frameWithPayload(PEER, SELF, 8);
        frame.putByte(index, (byte) value);
        return reader.read(frame, 0, frame.capacity());
    }

    private static UnsafeBuffer frameWithPayload(final int source, final int destination, final int payloadLength) {
        final UnsafeBuffer frame = new UnsafeBuffer(new byte[FrameLayout.PLAIN_HEADER_LENGTH + payloadLength]);
        FrameLayout.encodePlain(frame, 0, source, destination);
        return frame;
    }
}
