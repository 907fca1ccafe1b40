package dev.firn.walquorum.pgwire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.seam.SystemRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The decoder alone, with streams cut anywhere and streams that are wrong. */
class WalDecoderTest {
    private static final long START_LSN = 0x1_0000_0000L;
    private static final int MAX_WHOLE_BYTES = 1 << 10;
    private static final int BUFFER_BYTES = 2 << 10;
    private static final int FUZZ_ROUNDS = 20_000;

    /** Notes what comes, so that two runs can be compared whatever the pieces. */
    private static final class Notes implements WalDecoder.Messages {
        final WalCollector collector = new WalCollector(START_LSN);
        final List<String> messages = new ArrayList<>();
        WalDecoder decoder;

        @Override
        public boolean onMessage(
                final byte type,
                final DirectBuffer buffer,
                final int offset,
                final int length,
                final WalStreamHandler handler) {
            final byte[] body = new byte[length];
            buffer.getBytes(offset, body);
            messages.add((char) type + ":" + HexFormat.of().formatHex(body));
            if (type == MessageType.COPY_DONE) {
                decoder.copyIsOver();
            }
            return type != MessageType.READY_FOR_QUERY;
        }

        @Override
        public boolean isOver() {
            return false;
        }

        @Override
        public PgwireException violation(final String what) {
            return PgwireException.lost("the server sent " + what);
        }
    }

    @Test
    void shouldHandOnTheSameWhereverTheStreamIsCut() {
        final byte[] stream = stream(7);
        final Notes whole = decode(stream, random(1), false);
        assertThat(whole.collector.bytes.size()).isPositive();
        assertThat(whole.collector.keepalives).isPositive();
        assertThat(whole.messages).hasSizeGreaterThan(4);
        for (int seed = 0; seed < 200; seed++) {
            final Notes cut = decode(stream, random(seed), true);
            assertThat(cut.messages).as("seed %d", seed).isEqualTo(whole.messages);
            assertThat(cut.collector.bytes.toByteArray())
                    .as("seed %d", seed)
                    .isEqualTo(whole.collector.bytes.toByteArray());
            assertThat(cut.collector.keepalives).as("seed %d", seed).isEqualTo(whole.collector.keepalives);
        }
    }

    @Test
    void shouldNotWaitForTheEndOfAMessageWithWal() {
        final Notes notes = notes();
        final byte[] stream =
                new ServerScript().wal(START_LSN, new byte[100_000]).bytes();
        final UnsafeBuffer buffer = new UnsafeBuffer(stream);
        assertThat(notes.decoder.decode(buffer, 0, 29, notes.collector)).isZero();
        assertThat(notes.decoder.decode(buffer, 0, 31, notes.collector)).isEqualTo(31);
        assertThat(notes.collector.nextLsn).isEqualTo(START_LSN + 1);
        assertThat(notes.decoder.calls()).isEqualTo(1);
        assertThat(notes.collector.serverEndLsn).isEqualTo(START_LSN + 100_000);
        assertThat(notes.collector.serverTimeUs).isEqualTo(946_684_800_000_000L);
    }

    @Test
    void shouldSayWhatIsWrong() {
        refuses(new ServerScript().wal(START_LSN + 8, new byte[8]), "WAL of 1/8 where 1/0 follows");
        refuses(new ServerScript().wal(START_LSN, new byte[8]).wal(START_LSN, new byte[8]), "WAL of 1/0 where 1/8");
        refuses(new ServerScript().message('d', new byte[] {'?'}), "of kind '?', which nobody knows");
        refuses(new ServerScript().message('d'), "type 'd' that claims a length of 4 bytes");
        refuses(new ServerScript().message('d', new byte[] {'w', 0}), "type 'w' that claims a length of 6 bytes");
        refuses(new ServerScript().message('d', new byte[] {'k', 0}), "type 'k' that claims a length of 6 bytes");
        refuses(new ServerScript().message('N', new byte[5000]), "type 'N' that claims a length of 5004 bytes");
        refuses(new ServerScript().message('c').keepalive(START_LSN, false), "more of a stream that it had ended");
        refuses(new ServerScript().raw('E', 0, 0, 0, 3), "type 'E' that claims a length of 3 bytes");
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 0, 3, 1 << 30, (64 << 20) + 5})
    void shouldRefuseAnyLengthThatIsNone(final int length) {
        for (final char type : new char[] {'d', 'E', 'S', 'x'}) {
            final ServerScript script = new ServerScript().raw(type);
            for (final byte part : ServerScript.int32(length)) {
                script.raw(part);
            }
            refuses(script.raw('w'), "that claims a length of");
        }
    }

    /** Whatever comes: WAL in order, or one sentence; nothing is kept but less than a message. */
    @Test
    void shouldBearAnyBytes() {
        for (int seed = 0; seed < FUZZ_ROUNDS; seed++) {
            final RandomGenerator random = random(seed);
            final byte[] stream = Mutation.of(stream(seed % 20), random);
            try {
                decode(stream, random, true);
            } catch (final PgwireException e) {
                assertThat(e).as("seed %d", seed).hasMessageStartingWith("the server sent ");
            } catch (final RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static void refuses(final ServerScript script, final String sentence) {
        assertThatThrownBy(() -> decode(script.bytes(), random(1), false))
                .isInstanceOf(PgwireException.class)
                .hasMessageContaining(sentence);
    }

    /** As the stream's buffer does it: what is left moves to the front, and more comes behind it. */
    private static Notes decode(final byte[] stream, final RandomGenerator random, final boolean isCut) {
        final Notes notes = notes();
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[BUFFER_BYTES]);
        int kept = 0;
        int at = 0;
        while (at < stream.length) {
            final int room = BUFFER_BYTES - kept;
            final int wanted = isCut ? 1 + random.nextInt(room) : room;
            final int count = Math.min(wanted, stream.length - at);
            buffer.putBytes(kept, stream, at, count);
            at += count;
            final int used = notes.decoder.decode(buffer, 0, kept + count, notes.collector);
            assertThat(used).isBetween(0, kept + count);
            kept = kept + count - used;
            assertThat(kept).isLessThan(MAX_WHOLE_BYTES);
            buffer.putBytes(0, buffer, used, kept);
        }
        return notes;
    }

    private static Notes notes() {
        final Notes notes = new Notes();
        notes.decoder = new WalDecoder(notes, START_LSN, MAX_WHOLE_BYTES);
        return notes;
    }

    private static byte[] stream(final int seed) {
        final RandomGenerator random = random(seed);
        final ServerScript script = new ServerScript();
        long lsn = START_LSN;
        for (int i = 0; i < 12; i++) {
            final byte[] wal = new byte[random.nextInt(3) == 0 ? random.nextInt(6000) : random.nextInt(40)];
            random.nextBytes(wal);
            script.wal(lsn, wal);
            lsn += wal.length;
            if (random.nextInt(3) == 0) {
                script.keepalive(lsn, random.nextBoolean());
            }
            if (random.nextInt(6) == 0) {
                script.parameter("TimeZone", "UTC");
            }
        }
        return script.endOfTimeline(2, "1/0").bytes();
    }

    private static RandomGenerator random(final int seed) {
        return SystemRandom.seeded(seed);
    }
}
