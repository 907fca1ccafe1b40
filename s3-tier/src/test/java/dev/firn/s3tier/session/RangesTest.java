package dev.firn.s3tier.session;

import static dev.firn.s3tier.session.SessionFixture.MINUTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.RangeTarget;
import dev.firn.s3tier.store.StoreCall;
import dev.firn.s3tier.store.WriteStamp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RangesTest {
    private static final int OBJECT_BYTES = 200_000;
    private static final WriteStamp STAMP = WriteStamp.created("e".repeat(32));

    private final SessionFixture fixture = new SessionFixture();

    @AfterEach
    void everythingIsGivenBack() {
        fixture.close();
    }

    private RangeTarget range(final long offset, final int bytes) {
        return new RangeTarget(offset, fixture.buffer(bytes, 0));
    }

    private static byte byteAt(final long position) {
        return (byte) (position * 31 + (position >> 8));
    }

    /** Reads from an object of known bytes. */
    private static AttemptResult read(final AttemptRequest request, final String etag) {
        final AttemptRequest.GetRange get = (AttemptRequest.GetRange) request;
        if (get.offset() >= OBJECT_BYTES) {
            return new AttemptResult.RangeBeyondEnd(OBJECT_BYTES);
        }
        if (get.etag() != null && !get.etag().equals(etag)) {
            return new AttemptResult.ConditionFailed("there is " + etag);
        }
        final long length = Math.min(get.into().byteSize(), OBJECT_BYTES - get.offset());
        for (long i = 0; i < length; i++) {
            get.into().set(ValueLayout.JAVA_BYTE, i, byteAt(get.offset() + i));
        }
        return new AttemptResult.RangeRead(length, OBJECT_BYTES, etag, STAMP);
    }

    private static void assertFilled(final RangeTarget range) {
        final byte[] bytes = SessionFixture.bytes(range.into());
        for (int i = 0; i < bytes.length; i++) {
            assertThat(bytes[i])
                    .as("byte %d of the range at %d", i, range.offset())
                    .isEqualTo(byteAt(range.offset() + i));
        }
    }

    private void begin(final List<RangeTarget> ranges, final ObjectVersion version) {
        fixture.session.getRanges("a", ranges, version, MINUTE, fixture.keep());
    }

    private void answerRead(final String etag) {
        fixture.backend.answer(read(fixture.backend.next(), etag));
        fixture.poll();
    }

    @Test
    void shouldReadNeighboursTogetherWhateverTheirOrder() {
        final List<RangeTarget> ranges = List.of(range(5_000, 100), range(0, 100), range(5_356, 50), range(150, 10));
        begin(ranges, null);
        assertThat(fixture.backend.pending)
                .extracting(attempt -> (AttemptRequest.GetRange) attempt.request())
                .extracting(AttemptRequest.GetRange::offset, get -> get.into().byteSize())
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(0L, 160L),
                        org.assertj.core.groups.Tuple.tuple(5_000L, 406L));
        answerRead("\"1\"");
        answerRead("\"1\"");

        assertThat(fixture.only())
                .isEqualTo(new GetOutcome.Fetched(260, OBJECT_BYTES, new ObjectVersion("\"1\"", STAMP)));
        ranges.forEach(RangesTest::assertFilled);
    }

    @Test
    void shouldReadRandomRangesRight() {
        final RandomGenerator random = SystemRandom.seeded(11);
        fixture.backend.always(request -> read(request, "\"1\""));
        for (int round = 0; round < 50; round++) {
            final List<RangeTarget> ranges = new ArrayList<>();
            for (int i = 0; i <= random.nextInt(60); i++) {
                ranges.add(range(random.nextInt(OBJECT_BYTES - 2_000), 1 + random.nextInt(2_000)));
            }
            begin(ranges, null);
            for (int i = 0; i < 10; i++) {
                fixture.poll();
            }
            assertThat(fixture.only()).as("seed 11, round %d", round).isInstanceOf(GetOutcome.Fetched.class);
            fixture.outcomes.clear();
            ranges.forEach(RangesTest::assertFilled);
        }
    }

    @Test
    void shouldHaveABoundedNumberOfRequestsAndPinLaterOnesToTheFirstAnswer() {
        final List<RangeTarget> ranges = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            ranges.add(range(i * 1_000L, 10));
        }
        begin(ranges, null);
        assertThat(fixture.backend.pending).hasSize(RangesCall.MAX_IN_FLIGHT);
        answerRead("\"1\"");
        assertThat(((AttemptRequest.GetRange) fixture.backend.pending.getLast().request()).etag())
                .isEqualTo("\"1\"");
        while (!fixture.backend.pending.isEmpty()) {
            answerRead("\"1\"");
        }
        assertThat(fixture.only()).isInstanceOf(GetOutcome.Fetched.class);
    }

    @Test
    void shouldReadAgainOnceWhenTheObjectChanged() {
        final List<RangeTarget> ranges = List.of(range(0, 10), range(10_000, 10));
        begin(ranges, null);
        answerRead("\"1\"");
        answerRead("\"2\"");
        assertThat(fixture.outcomes).isEmpty();
        answerRead("\"2\"");
        answerRead("\"2\"");
        assertThat(((GetOutcome.Fetched) fixture.only()).version().etag()).isEqualTo("\"2\"");

        fixture.outcomes.clear();
        begin(ranges, null);
        for (final String etag : List.of("\"2\"", "\"3\"", "\"3\"", "\"4\"")) {
            answerRead(etag);
        }
        assertThat(fixture.only()).isInstanceOf(GetOutcome.VersionChanged.class);
    }

    @Test
    void shouldRequireTheVersionThatTheCallerNamed() {
        begin(List.of(range(0, 10), range(10_000, 10)), new ObjectVersion("\"1\"", WriteStamp.NONE));
        fixture.backend.onCancel = ScriptedBackend.cancelledWith(Effect.NONE);
        answerRead("\"2\"");
        fixture.poll();
        assertThat(fixture.only()).isInstanceOf(GetOutcome.VersionChanged.class);
        assertThat(fixture.backend.cancelled).hasSize(1);
    }

    @Test
    void shouldNotAnswerBeforeAllBuffersAreFree() {
        begin(List.of(range(0, 10), range(10_000, 10), range(10_010, 10)), null);
        fixture.backend.answer(ScriptedBackend.failed(FailureKind.DENIED, Effect.NONE, Retry.NEVER));
        fixture.poll();
        assertThat(fixture.outcomes).isEmpty();
        assertThat(fixture.backend.cancelled).hasSize(1);
        fixture.backend.answer(ScriptedBackend.cancelledWith(Effect.NONE));
        fixture.poll();
        assertThat(((Failed) fixture.only()).kind()).isEqualTo(FailureKind.DENIED);
    }

    @Test
    void shouldSayWhenARangeIsNotThere() {
        fixture.backend.always(request -> read(request, "\"1\""));
        begin(List.of(range(0, 10), range(OBJECT_BYTES - 5, 10)), null);
        fixture.poll();
        begin(List.of(range(OBJECT_BYTES, 10)), null);
        fixture.poll();
        fixture.backend.always(request -> new AttemptResult.Missing("no"));
        begin(List.of(range(0, 10)), null);
        fixture.poll();
        assertThat(fixture.outcomes)
                .containsExactly(
                        new GetOutcome.OutOfRange(OBJECT_BYTES),
                        new GetOutcome.OutOfRange(OBJECT_BYTES),
                        new NotFound("a"));
    }

    @Test
    void shouldCancelWhatIsInFlightAndSendNoMore() {
        final List<RangeTarget> ranges = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            ranges.add(range(i * 1_000L, 10));
        }
        final StoreCall call = fixture.session.getRanges("a", ranges, null, MINUTE, fixture.keep());
        call.cancel();
        while (!fixture.backend.pending.isEmpty()) {
            answerRead("\"1\"");
        }
        assertThat(fixture.backend.begun).hasSize(RangesCall.MAX_IN_FLIGHT);
        assertThat(((Failed) fixture.only()).kind()).isEqualTo(FailureKind.CANCELLED);
    }

    @Test
    void shouldNotPutTooMuchInOneRequest() {
        final MemorySegment large = fixture.buffer(3 << 20, 0);
        final List<RangePlan.Group> groups = RangePlan.of(
                List.of(
                        new RangeTarget(0, large.asSlice(0, 1 << 20)),
                        new RangeTarget(1 << 20, large),
                        new RangeTarget(4 << 20, large.asSlice(0, 1)),
                        new RangeTarget((4 << 20) + 2, large.asSlice(0, 1))),
                1);
        assertThat(groups)
                .extracting(
                        RangePlan.Group::offset,
                        RangePlan.Group::lengthBytes,
                        group -> group.members().size())
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(0L, 4L << 20, 2),
                        org.assertj.core.groups.Tuple.tuple(4L << 20, 3L, 2));
        assertThat(RangePlan.apart(groups.getFirst()))
                .allMatch(RangePlan.Group::isSingle)
                .hasSize(2);
    }
}
