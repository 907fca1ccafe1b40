package dev.firn.s3tier.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.simulation.SimulatedClock;
import dev.firn.nativeio.simulation.SimulatedHost;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.ObjectWritten;
import dev.firn.s3tier.backend.StoreBackend;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.WriteStamp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The simulated store seen from a backend's caller: what each fault does, and when. */
class SimulatedStoreTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final WriteStamp STAMP = WriteStamp.created("0123456789abcdef0123456789abcdef");

    private final List<String> lines = new ArrayList<>();
    private final Simulation simulation =
            new Simulation(SimulationConfig.of(1, 2).withTrace(lines::add));
    private final SimulatedStore store = SimulatedStore.in(simulation, StoreFaults.NONE);
    private final StoreBackend backend = store.backend();
    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void close() {
        simulation.close();
        arena.close();
    }

    private Attempt begin(final StoreBackend through, final AttemptRequest request) {
        final Attempt attempt = new Attempt(request, Long.MAX_VALUE, completed -> {});
        through.begin(attempt);
        return attempt;
    }

    private AttemptResult result(final AttemptRequest request) {
        final Attempt attempt = begin(backend, request);
        assertThat(simulation.runUntil(() -> attempt.result() != null, 120 * SECOND_NS))
                .isTrue();
        return attempt.result();
    }

    private AttemptRequest.PutObject put(final String key, final String content, final Precondition precondition) {
        final MemorySegment body = arena.allocateFrom(content, StandardCharsets.UTF_8);
        final MemorySegment exact = body.asSlice(0, body.byteSize() - 1);
        return new AttemptRequest.PutObject(key, List.of(exact), Crc32c.compute(exact), precondition, STAMP);
    }

    private AttemptRequest.GetRange get(final String key, final MemorySegment into) {
        return new AttemptRequest.GetRange(key, 0, into, null);
    }

    private String contentOf(final String key) {
        final byte[] bytes = store.contentOf(key);
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    private static void assertFailed(final AttemptResult result, final FailureKind kind, final Effect effect) {
        assertThat(result).isInstanceOf(AttemptFailed.class);
        assertThat(((AttemptFailed) result).kind()).isEqualTo(kind);
        assertThat(((AttemptFailed) result).effect()).isEqualTo(effect);
    }

    private void aim(final StoreOperation operation, final StoreFault fault) {
        store.inject(StoreFaultRule.on(operation).key("a").failing(fault));
    }

    @Test
    void shouldTakeEffectBetweenRequestAndAnswer() {
        final Attempt attempt = begin(backend, put("a", "one", Precondition.NONE));
        assertThat(contentOf("a")).isNull();
        assertThat(simulation.runUntil(() -> contentOf("a") != null, SECOND_NS)).isTrue();
        assertThat(attempt.result()).as("applied, and not answered yet").isNull();
        assertThat(simulation.runUntil(() -> attempt.result() != null, SECOND_NS))
                .isTrue();
        assertThat(attempt.result())
                .isEqualTo(new ObjectWritten(store.versionOf("a").etag()));
        assertThat(store.versionOf("a").stamp()).isEqualTo(STAMP);
    }

    @Test
    void shouldNameEqualContentsEqually() {
        final AttemptResult one = result(put("a", "same", Precondition.NONE));
        final AttemptResult two = result(put("b", "same", Precondition.NONE));
        final AttemptResult three = result(put("a", "other", Precondition.NONE));
        assertThat(one).isEqualTo(two).isNotEqualTo(three);
        assertThat(result(put("a", "same", Precondition.NONE)))
                .as("the version that was there before is back")
                .isEqualTo(one);
    }

    @Test
    void shouldLoseTheRequestOrTheAnswer() {
        aim(StoreOperation.PUT, StoreFault.REQUEST_LOST);
        assertFailed(result(put("a", "one", Precondition.NONE)), FailureKind.UNREACHABLE, Effect.UNKNOWN);
        assertThat(contentOf("a")).isNull();
        aim(StoreOperation.PUT, StoreFault.ANSWER_LOST);
        assertFailed(result(put("a", "one", Precondition.NONE)), FailureKind.UNREACHABLE, Effect.UNKNOWN);
        assertThat(contentOf("a")).isEqualTo("one");
        aim(StoreOperation.HEAD, StoreFault.ANSWER_LOST);
        assertFailed(result(new AttemptRequest.HeadObject("a")), FailureKind.UNREACHABLE, Effect.NONE);
        assertThat(store.count(StoreFault.REQUEST_LOST)).isEqualTo(1);
        assertThat(store.count(StoreFault.ANSWER_LOST)).isEqualTo(2);
    }

    @Test
    void shouldAnswerErrorsWithAndWithoutEffect() {
        aim(StoreOperation.PUT, StoreFault.ERROR_WITHOUT_EFFECT);
        assertFailed(result(put("a", "one", Precondition.NONE)), FailureKind.STORE_ERROR, Effect.UNKNOWN);
        assertThat(contentOf("a")).isNull();
        aim(StoreOperation.PUT, StoreFault.ERROR_WITH_EFFECT);
        assertFailed(result(put("a", "one", Precondition.NONE)), FailureKind.STORE_ERROR, Effect.UNKNOWN);
        assertThat(contentOf("a")).isEqualTo("one");
        aim(StoreOperation.PUT, StoreFault.THROTTLED);
        assertFailed(result(put("a", "two", Precondition.NONE)), FailureKind.THROTTLED, Effect.UNKNOWN);
        assertThat(contentOf("a")).isEqualTo("one");
    }

    @Test
    void shouldAnswerConflictsOnlyToConditionalWrites() {
        aim(StoreOperation.PUT, StoreFault.CONFLICT);
        assertThat(result(put("a", "one", Precondition.NONE))).isInstanceOf(ObjectWritten.class);
        final AttemptResult conflict = result(put("a", "two", Precondition.ABSENT));
        assertFailed(conflict, FailureKind.STORE_ERROR, Effect.NONE);
        assertThat(((AttemptFailed) conflict).retry()).isEqualTo(AttemptResult.Retry.LATER);
        assertThat(contentOf("a")).isEqualTo("one");
        assertThat(result(put("a", "two", Precondition.ABSENT))).isInstanceOf(AttemptResult.ConditionFailed.class);
    }

    @Test
    void shouldLetALateWriteUndoALaterOne() {
        aim(StoreOperation.PUT, StoreFault.WRITE_LATE);
        store.setFaults(StoreFaults.NONE.withLateWrites(10 * SECOND_NS));
        assertFailed(result(put("a", "one", Precondition.NONE)), FailureKind.UNREACHABLE, Effect.UNKNOWN);
        assertThat(result(put("a", "two", Precondition.NONE))).isInstanceOf(ObjectWritten.class);
        assertThat(contentOf("a")).isEqualTo("two");
        simulation.runFor(11 * SECOND_NS);
        assertThat(contentOf("a")).isEqualTo("one");
    }

    @Test
    void shouldKeepALateWriteOutByItsCondition() {
        final ObjectWritten first = (ObjectWritten) result(put("a", "one", Precondition.NONE));
        aim(StoreOperation.PUT, StoreFault.WRITE_LATE);
        final Precondition matches = new Precondition.Matches(first.etag());
        assertFailed(result(put("a", "two", matches)), FailureKind.UNREACHABLE, Effect.UNKNOWN);
        assertThat(result(put("a", "three", matches))).isInstanceOf(ObjectWritten.class);
        simulation.runFor(11 * SECOND_NS);
        assertThat(store.count(StoreFault.WRITE_LATE)).isEqualTo(1);
        assertThat(contentOf("a")).isEqualTo("three");
    }

    @Test
    void shouldDeliverAWriteTwice() {
        store.setFaults(StoreFaults.NONE.withLateWrites(10 * SECOND_NS));
        int broughtBack = 0;
        for (int i = 0; i < 20; i++) {
            aim(StoreOperation.PUT, StoreFault.WRITE_DUPLICATED);
            assertThat(result(put("a", "one", Precondition.NONE))).isInstanceOf(ObjectWritten.class);
            assertThat(result(new AttemptRequest.DeleteObject("a"))).isInstanceOf(AttemptResult.ObjectsDeleted.class);
            simulation.runFor(11 * SECOND_NS);
            broughtBack += contentOf("a") == null ? 0 : 1;
        }
        assertThat(broughtBack)
                .as("second deliveries that came after the delete")
                .isBetween(1, 19);
    }

    @Test
    void shouldRefuseTheSecondDeliveryOfACreateByItsFirst() {
        int refused = 0;
        for (int i = 0; i < 20; i++) {
            final String key = "b" + i;
            store.inject(StoreFaultRule.on(StoreOperation.PUT).key(key).failing(StoreFault.WRITE_DUPLICATED));
            final AttemptResult result = result(put(key, "one", Precondition.ABSENT));
            assertThat(contentOf(key)).isEqualTo("one");
            refused += result instanceof AttemptResult.ConditionFailed ? 1 : 0;
        }
        assertThat(refused).isBetween(1, 19);
    }

    @Test
    void shouldFindFlippedBits() {
        aim(StoreOperation.PUT, StoreFault.BODY_CORRUPTED);
        assertFailed(result(put("a", "one", Precondition.NONE)), FailureKind.CORRUPT, Effect.NONE);
        assertThat(contentOf("a")).isNull();
        result(put("a", "one", Precondition.NONE));
        aim(StoreOperation.GET, StoreFault.READ_CORRUPTED);
        assertFailed(result(get("a", arena.allocate(3))), FailureKind.CORRUPT, Effect.NONE);
    }

    @Test
    void shouldRefuseABodyThatWasChangedOnItsWay() {
        final AttemptRequest.PutObject request = put("a", "one", Precondition.NONE);
        final Attempt attempt = begin(backend, request);
        request.body().getFirst().fill((byte) 'x');
        assertThat(simulation.runUntil(() -> attempt.result() != null, SECOND_NS))
                .isTrue();
        assertFailed(attempt.result(), FailureKind.CORRUPT, Effect.NONE);
    }

    @Test
    void shouldEndAReadInTheMiddle() {
        final String content = "0123456789".repeat(100);
        result(put("a", content, Precondition.NONE));
        final MemorySegment into = arena.allocate(1_000);
        aim(StoreOperation.GET, StoreFault.READ_CUT);
        assertFailed(result(get("a", into)), FailureKind.UNREACHABLE, Effect.NONE);
        assertThat(new String(into.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8))
                .isNotEqualTo(content);
        assertThat(result(get("a", into))).isInstanceOf(AttemptResult.RangeRead.class);
        assertThat(new String(into.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8))
                .isEqualTo(content);
    }

    @Test
    void shouldLeaveSomeKeysOfABatchAloneAndSayWhich() {
        final List<String> keys = new ArrayList<>();
        for (char name = 'a'; name <= 'p'; name++) {
            keys.add(String.valueOf(name));
            result(put(String.valueOf(name), "x", Precondition.NONE));
        }
        aim(StoreOperation.DELETE_BATCH, StoreFault.DELETE_REFUSED);
        final AttemptResult.ObjectsDeleted deleted =
                (AttemptResult.ObjectsDeleted) result(new AttemptRequest.DeleteBatch(keys));
        assertThat(deleted.refused()).isNotEmpty().hasSizeLessThan(keys.size());
        assertThat(deleted.refused()).extracting(refused -> refused.key()).containsExactlyElementsOf(store.keys());
    }

    @Test
    void shouldKeepAnUploadUntilItIsCompletedAndKnowItAgainOrNot() {
        final AttemptResult.UploadCreated created =
                (AttemptResult.UploadCreated) result(new AttemptRequest.CreateUpload("a", STAMP));
        final MemorySegment body = arena.allocate(100);
        final AttemptResult.PartWritten part = (AttemptResult.PartWritten)
                result(new AttemptRequest.UploadPart("a", created.uploadId(), 1, 0, body, Crc32c.compute(body)));
        final AttemptRequest.CompleteUpload complete = new AttemptRequest.CompleteUpload(
                "a",
                created.uploadId(),
                List.of(new AttemptRequest.Part(1, part.etag(), 100, Crc32c.compute(body))),
                Precondition.ABSENT,
                STAMP);
        assertThat(store.openUploads()).isEqualTo(1);
        aim(StoreOperation.COMPLETE_UPLOAD, StoreFault.ANSWER_LOST);
        assertFailed(result(complete), FailureKind.UNREACHABLE, Effect.UNKNOWN);
        assertThat(store.contentOf("a")).hasSize(100);
        assertThat(store.openUploads()).isZero();
        assertThat(result(complete)).isInstanceOfAny(ObjectWritten.class, AttemptResult.Missing.class);
    }

    @Test
    void shouldForgetAnUploadInAConflict() {
        final AttemptResult.UploadCreated created =
                (AttemptResult.UploadCreated) result(new AttemptRequest.CreateUpload("a", STAMP));
        aim(StoreOperation.COMPLETE_UPLOAD, StoreFault.UPLOAD_FORGOTTEN);
        final AttemptRequest.CompleteUpload complete =
                new AttemptRequest.CompleteUpload("a", created.uploadId(), List.of(), Precondition.ABSENT, STAMP);
        assertFailed(result(complete), FailureKind.STORE_ERROR, Effect.NONE);
        assertThat(result(complete)).isInstanceOf(AttemptResult.Missing.class);
        assertThat(store.openUploads()).isZero();
    }

    @Test
    void shouldHaveNoEffectWhenCancelledBeforeItWasSentAndPerhapsAfterwards() {
        final Attempt early = begin(backend, put("a", "one", Precondition.NONE));
        backend.cancel(early);
        backend.doWork();
        assertFailed(early.result(), FailureKind.CANCELLED, Effect.NONE);
        simulation.runFor(SECOND_NS);
        assertThat(contentOf("a")).isNull();
        int raced = 0;
        for (int i = 0; i < 50; i++) {
            final String key = "b" + i;
            final Attempt attempt = begin(backend, put(key, "two", Precondition.NONE));
            simulation.runFor(20_000_000);
            backend.cancel(attempt);
            if (attempt.result() == null) {
                backend.doWork();
            }
            simulation.runFor(SECOND_NS);
            if (attempt.result() instanceof AttemptFailed failed) {
                final boolean applied = contentOf(key) != null;
                assertThat(failed.kind()).isEqualTo(FailureKind.CANCELLED);
                assertThat(applied).isEqualTo(applied && failed.effect() == Effect.UNKNOWN);
                raced += applied ? 1 : 0;
            } else {
                assertThat(contentOf(key)).isEqualTo("two");
            }
        }
        assertThat(raced).isPositive();
    }

    @Test
    void shouldRefuseConnectionsInAnOutageOfOneHostOrOfAll() {
        simulation.startAll(host -> List.of());
        simulation.runFor(1);
        final StoreBackend zero = store.backendFor(simulation.host(0));
        final StoreBackend one = store.backendFor(simulation.host(1));
        store.cutOff(0, 10 * SECOND_NS);
        final Attempt refused = begin(zero, put("a", "zero", Precondition.NONE));
        final Attempt passed = begin(one, put("b", "one", Precondition.NONE));
        simulation.runFor(SECOND_NS);
        assertFailed(refused.result(), FailureKind.UNREACHABLE, Effect.NONE);
        assertThat(passed.result()).isInstanceOf(ObjectWritten.class);
        final Attempt caught = begin(one, put("c", "one", Precondition.NONE));
        store.outage(SECOND_NS);
        simulation.runFor(SECOND_NS);
        assertFailed(caught.result(), FailureKind.UNREACHABLE, Effect.UNKNOWN);
        simulation.runFor(20 * SECOND_NS);
        final Attempt again = begin(zero, put("a", "zero", Precondition.NONE));
        simulation.runFor(SECOND_NS);
        assertThat(again.result()).isInstanceOf(ObjectWritten.class);
    }

    @Test
    void shouldOutliveItsHostsAndTellTheDeadNothing() {
        simulation.startAll(host -> List.of());
        simulation.runFor(1);
        final SimulatedHost host = simulation.host(0);
        final StoreBackend before = store.backendFor(host);
        final List<Attempt> attempts = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            attempts.add(begin(before, put("key-" + i, "x", Precondition.NONE)));
        }
        simulation.runFor(5_000_000);
        host.crash();
        host.start();
        simulation.runFor(SECOND_NS);
        assertThat(store.count(StoreFault.CUT_WHILE_SENDING)).isPositive();
        assertThat(store.count(StoreFault.ANSWER_TO_NOBODY)).isPositive();
        assertThat(store.keys()).as("what had been sent went on").hasSizeBetween(1, 39);
        assertThat(attempts.stream().filter(one -> one.result() == null)).hasSizeGreaterThan(20);
        final Attempt late = begin(before, put("late", "x", Precondition.NONE));
        assertFailed(late.result(), FailureKind.CANCELLED, Effect.NONE);
        final Attempt alive = begin(store.backendFor(host), put("alive", "x", Precondition.NONE));
        simulation.runFor(SECOND_NS);
        assertThat(alive.result()).isInstanceOf(ObjectWritten.class);
    }

    @Test
    void shouldShowWholeSecondsOfItsOwnClock() {
        simulation.runFor(1_900_000_000);
        result(put("a", "one", Precondition.NONE));
        final AttemptResult.ObjectFound found = (AttemptResult.ObjectFound) result(new AttemptRequest.HeadObject("a"));
        assertThat(found.lastModifiedEpochMs()).isEqualTo(SimulatedClock.EPOCH_START_NS / 1_000_000 + 1_000);
    }

    @Test
    void shouldBeCalmWhenTheSimulationIs() {
        store.setFaults(StoreFaults.HARSH.with(StoreFault.THROTTLED, 1).withOutages(SECOND_NS, SECOND_NS));
        simulation.startFaults();
        simulation.runFor(60 * SECOND_NS);
        assertThat(store.count(StoreFault.OUTAGE)).isPositive();
        assertThat(store.count(StoreFault.THROTTLING)).isPositive();
        store.outage(1_000 * SECOND_NS);
        simulation.calm();
        assertThat(result(put("a", "one", Precondition.NONE))).isInstanceOf(ObjectWritten.class);
    }

    @Test
    void shouldOrderKeysByTheirUtf8Bytes() {
        assertThat(KeyOrder.INSTANCE.compare("\uff5e", "\ud83d\ude00")).isNegative();
        assertThat(KeyOrder.INSTANCE.compare("\ud83d\ude00", "\ud83d\ude01")).isNegative();
        assertThat(KeyOrder.INSTANCE.compare("a", "a\ud83d\ude00")).isNegative();
        assertThat(KeyOrder.INSTANCE.compare("\ue000", "\ud7ff")).isPositive();
        assertThat(KeyOrder.INSTANCE.compare("same", "same")).isZero();
    }

    @Test
    void shouldTraceWhatHappens() {
        aim(StoreOperation.PUT, StoreFault.ANSWER_LOST);
        result(put("a", "one", Precondition.NONE));
        assertThat(String.join("\n", lines))
                .contains("store: begins PUT 1")
                .contains("store: applies PUT 1 -> ObjectWritten")
                .contains("store: answer lost 1")
                .contains("store: completes 1 AttemptFailed")
                .doesNotContain("{}");
    }

    @Test
    void shouldRefuseRulesThatCannotStrike() {
        assertThatThrownBy(() -> StoreFaultRule.on(StoreOperation.PUT).failing(StoreFault.OUTAGE))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> StoreFaults.NONE.with(StoreFault.SLOW_KEY, 0.5))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> StoreFaults.NONE.with(StoreFault.THROTTLED, 1.5))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> StoreFaults.named("mild")).isInstanceOf(IllegalArgumentException.class);
        assertThat(StoreFaults.named("Harsh")).isEqualTo(StoreFaults.HARSH);
    }
}
