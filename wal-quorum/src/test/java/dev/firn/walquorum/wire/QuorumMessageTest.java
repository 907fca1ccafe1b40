package dev.firn.walquorum.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.walquorum.acceptor.Vote;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class QuorumMessageTest {
    private static final int FROM = 4;
    private static final long LOG = 0x1234_5678_9ABC_DEF0L;
    private static final long ACCEPTOR = 0x7FFF_0000_0000_0002L;
    private static final Membership CHANGING =
            new Membership(6, List.of(65_537L, 131_074L, 196_611L), List.of(65_537L));
    private static final LogSpec SPEC = new LogSpec(LOG, "orders-2", 7_123_456_789L, 17, 16 << 20, 0x1600_0000L);

    /** For the measuring itself. */
    private static final long ALLOWED_BYTES = 4_096;

    private final QuorumMessageWriter writer = new QuorumMessageWriter();
    private final QuorumMessageReader reader = new QuorumMessageReader();

    private static HeardMessage message(final String method, final Object... arguments) {
        final List<Object> all = new ArrayList<>(List.of(FROM));
        all.addAll(List.of(arguments));
        return new HeardMessage(method, all);
    }

    /** One of each kind, and of those whose ends matter both. */
    static List<HeardMessage> messages() {
        final TermHistory history = new TermHistory();
        history.add(3, 0x1600_0000L);
        history.add(9, 0x1700_0028L);
        final List<Byte> wal =
                HeardMessage.listOf("WAL of some length".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        final LogDescription description =
                new LogDescription(SPEC, ACCEPTOR, 9, 8, SPEC.startLsn(), 22L << 24, 21L << 24, 20L << 24, CHANGING);
        return List.of(
                message("onCreateLog", 11L, SPEC),
                message("onDescribeLog", 12L, LOG),
                message("onDeleteLog", 13L, LOG, ACCEPTOR),
                message("onLogDescription", 14L, description),
                message("onLogDescription", 0L, LogDescription.none(LOG)),
                message("onRefused", 15L, LOG, Refusal.ANOTHER_LOG, "a log of timeline “orders” is there"),
                message("onRefused", 15L, LOG, Refusal.BAD_REQUEST, ""),
                message("onVoteRequest", LOG, ACCEPTOR, 9L, Long.MAX_VALUE, CHANGING),
                message(
                        "onVote",
                        LOG,
                        ACCEPTOR,
                        new Vote(
                                9, 99, true, 9, 0x1600_0000L, 0x1700_0100L, history, Membership.of(List.of(ACCEPTOR)))),
                message("onVote", LOG, ACCEPTOR, new Vote(9, -99, false, 10, 5, 5, new TermHistory(), Membership.NONE)),
                message("onTermStart", LOG, ACCEPTOR, 99L, history, 0x1600_0000L, CHANGING.settled()),
                message("onTermAccepted", LOG, ACCEPTOR, 9L, 0x1700_0100L),
                message("onAppend", LOG, ACCEPTOR, 9L, 0x1700_0100L, 0x1700_0000L, -1L, wal),
                message("onAppend", LOG, ACCEPTOR, 9L, 0x1700_0100L, 0x1700_0000L, ACCEPTOR, List.of()),
                message("onAppended", LOG, ACCEPTOR, 10L, 9L, 0x1700_0200L, 0x1700_0100L),
                message("onFetch", LOG, ACCEPTOR, 65_537L, 9L, 0x1700_0100L),
                message("onFetched", LOG, ACCEPTOR, 9L, 0x1700_0100L, wal),
                message("onTrimmed", LOG, ACCEPTOR, 9L, 0x1700_0000L),
                message("onSubscribe", LOG, -5L, 0x1700_0000L, 4 << 20),
                message("onWalChunk", LOG, -5L, 0x1700_0000L, 0x1700_0200L, wal),
                message("onConsumed", LOG, -5L, 0x1700_0200L, 0x1700_0000L),
                message("onUnsubscribe", LOG, -5L));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void shouldReadWhatWasWritten(final HeardMessage message) {
        final byte[] encoded = encode(message);
        final List<HeardMessage> heard = new ArrayList<>();

        assertThat(read(encoded, heard)).isEqualTo(MessageVerdict.HANDLED);

        assertThat(heard).containsExactly(message);
    }

    @Test
    void shouldKnowEveryMessageOfTheSchema() {
        final Set<String> tested = new TreeSet<>();
        messages().forEach(message -> tested.add(message.method()));
        final Set<String> known = new TreeSet<>();
        for (final var method : QuorumMessageHandler.class.getMethods()) {
            known.add(method.getName());
        }
        assertThat(tested).isEqualTo(known);
    }

    @Test
    void shouldTellOtherSchemasVersionsAndTemplates() {
        for (final HeardMessage message : messages()) {
            assertThat(verdictWith(message, 2, 999)).isEqualTo(MessageVerdict.UNKNOWN);
            assertThat(verdictWith(message, 4, 61)).isEqualTo(MessageVerdict.UNKNOWN);
            assertThat(verdictWith(message, 6, 1)).isEqualTo(MessageVerdict.WRONG_VERSION);
            assertThat(verdictWith(message, 0, 0)).isEqualTo(MessageVerdict.MALFORMED);
            assertThat(verdictWith(message, 0, 0xFFFF)).isEqualTo(MessageVerdict.MALFORMED);
        }
    }

    @Test
    void shouldRefuseValuesThatCannotBe() {
        final TermHistory history = new TermHistory();
        history.add(1, 10);
        for (final HeardMessage impossible : List.of(
                message("onAppend", LOG, ACCEPTOR, 9L, -1L, 0L, -1L, List.of()),
                message("onAppend", LOG, ACCEPTOR, -9L, 1L, 0L, -1L, List.of()),
                message("onAppend", LOG, ACCEPTOR, 9L, Long.MAX_VALUE, 0L, -1L, List.of((byte) 1)),
                message("onFetched", LOG, ACCEPTOR, 9L, Long.MAX_VALUE, List.of((byte) 1)),
                message("onWalChunk", LOG, 1L, Long.MAX_VALUE, Long.MAX_VALUE, List.of((byte) 1)),
                message("onAppended", LOG, ACCEPTOR, -1L, 0L, 0L, 0L),
                message("onTermAccepted", LOG, ACCEPTOR, -1L, 0L),
                message("onFetch", LOG, ACCEPTOR, 1L, -1L, 0L),
                message("onTrimmed", LOG, ACCEPTOR, -1L, 0L),
                message("onSubscribe", LOG, 1L, 0L, 0),
                message("onVoteRequest", LOG, ACCEPTOR, -1L, 1L, CHANGING),
                message("onTermStart", LOG, ACCEPTOR, 99L, new TermHistory(), 0L, CHANGING))) {
            final List<HeardMessage> heard = new ArrayList<>();
            assertThat(read(encode(impossible), heard)).as("%s", impossible).isEqualTo(MessageVerdict.MALFORMED);
            assertThat(heard).isEmpty();
        }
    }

    /** What is handed on of any bytes is a message: written again, it is read as the same. */
    @Test
    void shouldMeetAnyBytesWithAVerdict() {
        final long seed = 20_261_121L;
        final RandomGenerator random = SystemRandom.seeded(seed);
        final List<HeardMessage> valid = messages();
        final Set<MessageVerdict> verdicts = EnumSet.noneOf(MessageVerdict.class);
        for (int round = 0; round < 200_000; round++) {
            final byte[] bytes = mutate(encode(valid.get(random.nextInt(valid.size()))), random);
            final List<HeardMessage> heard = new ArrayList<>();
            final MessageVerdict verdict;
            try {
                verdict = read(bytes, heard);
            } catch (final RuntimeException e) {
                throw new AssertionError("seed " + seed + " round " + round, e);
            }
            verdicts.add(verdict);
            assertThat(heard).as("seed %d round %d", seed, round).hasSize(verdict == MessageVerdict.HANDLED ? 1 : 0);
            if (verdict == MessageVerdict.HANDLED) {
                final List<HeardMessage> again = new ArrayList<>();
                assertThat(read(encode(heard.getFirst()), again)).isEqualTo(MessageVerdict.HANDLED);
                assertThat(again).as("seed %d round %d", seed, round).isEqualTo(heard);
            }
        }
        assertThat(verdicts).containsExactlyInAnyOrder(MessageVerdict.values());
    }

    /** Flips, overwrites, cuts, extends, or invents. */
    private static byte[] mutate(final byte[] message, final RandomGenerator random) {
        final int kind = random.nextInt(8);
        if (kind == 0) {
            final byte[] invented = new byte[random.nextInt(200)];
            random.nextBytes(invented);
            return invented;
        }
        if (kind == 1) {
            return java.util.Arrays.copyOf(message, random.nextInt(message.length + 1));
        }
        if (kind == 2) {
            return java.util.Arrays.copyOf(message, message.length + random.nextInt(20));
        }
        // The header's fields decide most, and would hide the rest if they were met each time.
        final int from = kind == 3 ? 0 : 8;
        final UnsafeBuffer view = new UnsafeBuffer(message);
        for (int i = random.nextInt(3); i >= 0; i--) {
            final int at = from + random.nextInt(message.length - from);
            switch (random.nextInt(4)) {
                case 0 -> message[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> message[at] = (byte) random.nextInt(256);
                case 2 -> message[at] = (byte) (random.nextBoolean() ? 0xFF : 0x80);
                default -> {
                    if (at + Long.BYTES <= message.length) {
                        view.putLong(at, random.nextBoolean() ? Long.MIN_VALUE : random.nextLong());
                    }
                }
            }
        }
        return message;
    }

    @Test
    void shouldAllocateNothingOnTheSteadyPath() {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final SteadyPath path = new SteadyPath();
        path.run(20_000);
        final long before = threads.getCurrentThreadAllocatedBytes();
        path.run(20_000);
        final long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(allocated).as("bytes allocated by 80 000 messages").isLessThan(ALLOWED_BYTES);
        assertThat(path.heard).isEqualTo(4 * 40_000);
    }

    private final class SteadyPath implements QuorumMessageHandler {
        private long heard;

        void run(final int rounds) {
            for (int i = 0; i < rounds; i++) {
                reader.read(FROM, writer.buffer(), 0, writer.append(LOG, ACCEPTOR, 9, i, i, -1) + 100, this);
                reader.read(FROM, writer.buffer(), 0, writer.appended(LOG, ACCEPTOR, 9, 9, i, i), this);
                reader.read(FROM, writer.buffer(), 0, writer.walChunk(LOG, 5, i, i) + 100, this);
                reader.read(FROM, writer.buffer(), 0, writer.consumed(LOG, 5, i, i), this);
            }
        }

        @Override
        public void onAppend(
                final int from,
                final long logId,
                final long acceptorId,
                final long term,
                final long beginLsn,
                final long commitLsn,
                final long donor,
                final DirectBuffer buffer,
                final int offset,
                final int length) {
            heard += length / 100;
        }

        @Override
        public void onAppended(
                final int from,
                final long logId,
                final long acceptorId,
                final long promisedTerm,
                final long followedTerm,
                final long receivedLsn,
                final long flushedLsn) {
            heard++;
        }

        @Override
        public void onWalChunk(
                final int from,
                final long logId,
                final long readerId,
                final long beginLsn,
                final long committedLsn,
                final DirectBuffer buffer,
                final int offset,
                final int length) {
            heard += length / 100;
        }

        @Override
        public void onConsumed(
                final int from,
                final long logId,
                final long readerId,
                final long receivedLsn,
                final long neededFromLsn) {
            heard++;
        }
    }

    private byte[] encode(final HeardMessage message) {
        final int length = message.encode(writer);
        final byte[] encoded = new byte[length + message.body().size()];
        writer.buffer().getBytes(0, encoded, 0, length);
        for (int i = 0; i < message.body().size(); i++) {
            encoded[length + i] = message.body().get(i);
        }
        return encoded;
    }

    /** Not at the beginning of its buffer, as messages come; beyond it lies nothing. */
    private MessageVerdict read(final byte[] message, final List<HeardMessage> heard) {
        final byte[] shifted = new byte[message.length + 8];
        System.arraycopy(message, 0, shifted, 8, message.length);
        return reader.read(FROM, new UnsafeBuffer(shifted), 8, message.length, HeardMessage.keeping(heard));
    }

    private MessageVerdict verdictWith(final HeardMessage message, final int at, final int value) {
        final byte[] encoded = encode(message);
        new UnsafeBuffer(encoded).putShort(at, (short) value);
        final List<HeardMessage> heard = new ArrayList<>();
        final MessageVerdict verdict = read(encoded, heard);
        assertThat(heard).isEmpty();
        return verdict;
    }
}
