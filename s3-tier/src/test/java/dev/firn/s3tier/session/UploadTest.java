package dev.firn.s3tier.session;

import static dev.firn.s3tier.session.SessionFixture.MINUTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.MultipartUpload;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.PartOutcome;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.WriteCondition;
import dev.firn.s3tier.store.WriteStamp;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UploadTest {
    private static final AttemptResult CREATED = new AttemptResult.UploadCreated("id-1");
    private static final AttemptResult ABORTED = new AttemptResult.UploadAborted();
    private static final AttemptResult MISSING = new AttemptResult.Missing("no such upload");

    private final SessionFixture fixture = new SessionFixture();

    @AfterEach
    void everythingIsGivenBack() {
        fixture.close();
    }

    private MultipartUpload open(final WriteCondition condition) {
        return fixture.session.openUpload("a", condition);
    }

    private MemorySegment part(final MultipartUpload upload, final int bytes) {
        final MemorySegment buffer = fixture.buffer(bytes, bytes);
        upload.part(buffer, MINUTE, fixture.keep());
        return buffer;
    }

    /** An upload with one part that has arrived. */
    private MultipartUpload withOnePart(final WriteCondition condition) {
        final MultipartUpload upload = open(condition);
        part(upload, 512);
        fixture.backend.answer(CREATED);
        fixture.poll();
        fixture.backend.answer(new AttemptResult.PartWritten("\"p\""));
        fixture.poll();
        fixture.outcomes.clear();
        return upload;
    }

    @Test
    void shouldBeginWithTheFirstPartSendPartsSideBySideAndCompleteInOrder() {
        final MultipartUpload upload = open(WriteCondition.IF_ABSENT);
        assertThat(fixture.backend.begun).isEmpty();
        final MemorySegment first = part(upload, 600);
        final MemorySegment second = part(upload, 512);
        final MemorySegment last = part(upload, 1);
        upload.complete(MINUTE, fixture.keep());
        assertThat(fixture.backend.begun).hasSize(1);
        final AttemptRequest.CreateUpload create = (AttemptRequest.CreateUpload) fixture.backend.next();
        fixture.backend.answer(CREATED);
        fixture.poll();

        assertThat(fixture.backend.pending)
                .extracting(Attempt::request)
                .containsExactly(
                        new AttemptRequest.UploadPart("a", "id-1", 1, 0, first, Crc32c.compute(first)),
                        new AttemptRequest.UploadPart("a", "id-1", 2, 600, second, Crc32c.compute(second)),
                        new AttemptRequest.UploadPart("a", "id-1", 3, 1_112, last, Crc32c.compute(last)));
        final Attempt firstAttempt = fixture.backend.pending.remove();
        fixture.backend.answer(new AttemptResult.PartWritten("\"p2\""));
        fixture.backend.answer(new AttemptResult.PartWritten("\"p3\""));
        fixture.poll();
        assertThat(fixture.backend.pending).isEmpty();
        firstAttempt.complete(new AttemptResult.PartWritten("\"p1\""));
        fixture.poll();

        assertThat(fixture.backend.next())
                .isEqualTo(new AttemptRequest.CompleteUpload(
                        "a",
                        "id-1",
                        List.of(
                                new AttemptRequest.Part(1, "\"p1\"", 600, Crc32c.compute(first)),
                                new AttemptRequest.Part(2, "\"p2\"", 512, Crc32c.compute(second)),
                                new AttemptRequest.Part(3, "\"p3\"", 1, Crc32c.compute(last))),
                        Precondition.ABSENT,
                        create.stamp()));
        fixture.backend.answer(new AttemptResult.ObjectWritten("\"w-3\""));
        fixture.poll();
        assertThat(fixture.outcomes)
                .containsExactly(
                        new PartOutcome.PartStored(2, 512),
                        new PartOutcome.PartStored(3, 1),
                        new PartOutcome.PartStored(1, 600),
                        new PutOutcome.Stored(new ObjectVersion("\"w-3\"", create.stamp()), false));
        assertThatThrownBy(() -> part(upload, 512)).hasMessageContaining("completed");
    }

    @Test
    void shouldPutAnEmptyObjectWhenThereWasNoPart() {
        open(WriteCondition.IF_ABSENT).complete(MINUTE, fixture.keep());
        final AttemptRequest.PutObject put = (AttemptRequest.PutObject) fixture.backend.next();
        assertThat(put.body()).isEmpty();
        assertThat(put.precondition()).isEqualTo(Precondition.ABSENT);
        fixture.backend.answer(new AttemptResult.ObjectWritten("\"1\""));
        fixture.poll();
        assertThat(fixture.only()).isInstanceOf(PutOutcome.Stored.class);
    }

    @Test
    void shouldRefuseShortPartsInTheMiddleAndLengthsOutOfRange() {
        final MultipartUpload upload = open(WriteCondition.ALWAYS);
        assertThatThrownBy(() -> part(upload, 65_537)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> upload.part(fixture.buffer(1, 0).asSlice(0, 0), MINUTE, fixture.keep()))
                .isInstanceOf(IllegalArgumentException.class);
        part(upload, 511);
        assertThatThrownBy(() -> part(upload, 512)).hasMessageContaining("only the last part");
    }

    @Test
    void shouldFailAsAWholeWhenAPartFails() {
        final MultipartUpload upload = open(WriteCondition.IF_ABSENT);
        part(upload, 512);
        part(upload, 512);
        fixture.backend.answer(CREATED);
        fixture.poll();
        fixture.backend.answer(ScriptedBackend.failed(FailureKind.FULL, Effect.NONE, Retry.NEVER));
        fixture.poll();
        part(upload, 512);
        upload.complete(MINUTE, fixture.keep());
        fixture.poll();
        assertThat(fixture.outcomes).hasSize(2);
        fixture.backend.answer(new AttemptResult.PartWritten("\"p2\""));
        fixture.poll();

        assertThat(fixture.outcomes).hasSize(4);
        assertThat(((Failed) fixture.outcomes.get(0)).kind()).isEqualTo(FailureKind.FULL);
        assertThat(((Failed) fixture.outcomes.get(1)).kind()).isEqualTo(FailureKind.FULL);
        assertThat(fixture.outcomes.get(2)).isEqualTo(new PartOutcome.PartStored(2, 512));
        assertThat(((Failed) fixture.outcomes.get(3)).kind()).isEqualTo(FailureKind.FULL);
        assertThat(fixture.backend.pending).isEmpty();
    }

    @Test
    void shouldFailAllPartsWhenTheUploadCannotBegin() {
        final MultipartUpload upload = open(WriteCondition.IF_ABSENT);
        part(upload, 512);
        part(upload, 512);
        upload.complete(MINUTE, fixture.keep());
        fixture.backend.answer(ScriptedBackend.failed(FailureKind.DENIED, Effect.NONE, Retry.NEVER));
        fixture.poll();
        assertThat(fixture.outcomes).hasSize(3).allMatch(outcome -> ((Failed) outcome).kind() == FailureKind.DENIED);
        fixture.outcomes.clear();
        upload.abort(MINUTE, fixture.keep());
        fixture.poll();
        assertThat(fixture.only()).isEqualTo(new DeleteOutcome.Deleted(0));
    }

    @Test
    void shouldTimeOutAPartThatWaitsForTheUploadToBegin() {
        final MultipartUpload upload = open(WriteCondition.IF_ABSENT);
        upload.part(fixture.buffer(512, 1), CallOptions.within(Duration.ofSeconds(1)), fixture.keep());
        part(upload, 512);
        fixture.clock.advance(Duration.ofSeconds(1));
        fixture.poll();
        // Both: without its first part the upload can't be completed.
        assertThat(((Failed) fixture.outcomes.getFirst()).kind()).isEqualTo(FailureKind.TIMED_OUT);
        fixture.backend.answer(CREATED);
        fixture.poll();
        assertThat(((Failed) fixture.outcomes.get(1)).kind()).isEqualTo(FailureKind.TIMED_OUT);
        assertThat(fixture.backend.pending).isEmpty();
    }

    @Test
    void shouldCancelPartsAndTheCompletionBeforeItAborts() {
        final MultipartUpload upload = withOnePart(WriteCondition.IF_ABSENT);
        part(upload, 512);
        upload.complete(MINUTE, fixture.keep());
        upload.abort(MINUTE, fixture.keep());
        fixture.poll();
        assertThat(fixture.backend.cancelled).hasSize(1);
        assertThat(((Failed) fixture.only()).kind()).isEqualTo(FailureKind.CANCELLED);
        fixture.backend.answer(ScriptedBackend.cancelledWith(Effect.UNKNOWN));
        fixture.poll();
        assertThat(fixture.backend.next()).isEqualTo(new AttemptRequest.AbortUpload("a", "id-1"));
        fixture.backend.answer(ABORTED);
        fixture.poll();
        assertThat(fixture.outcomes).hasSize(3).endsWith(new DeleteOutcome.Deleted(1));
    }

    @Test
    void shouldHaveNothingToAbortAfterItWasStored() {
        final MultipartUpload upload = withOnePart(WriteCondition.IF_ABSENT);
        upload.complete(MINUTE, fixture.keep());
        fixture.backend.answer(new AttemptResult.ObjectWritten("\"1\""));
        fixture.poll();
        upload.abort(MINUTE, fixture.keep());
        fixture.poll();
        assertThat(fixture.outcomes.getLast()).isEqualTo(new DeleteOutcome.Deleted(0));
    }

    @Test
    void shouldFindOutByItsNameWhetherALostCompletionTookEffect() {
        final MultipartUpload upload = withOnePart(WriteCondition.ALWAYS);
        upload.complete(MINUTE, fixture.keep());
        final WriteStamp stamp = ((AttemptRequest.CompleteUpload) fixture.backend.next()).stamp();
        fixture.backend.answer(ScriptedBackend.lostAnswer());
        fixture.pollUntilSent();
        fixture.backend.answer(MISSING);
        fixture.poll();
        assertThat(fixture.backend.next()).isEqualTo(new AttemptRequest.HeadObject("a"));
        fixture.backend.answer(new AttemptResult.ObjectFound(512, 0, "\"x-1\"", stamp));
        fixture.poll();
        assertThat(fixture.only()).isEqualTo(new PutOutcome.Stored(new ObjectVersion("\"x-1\"", stamp), false));
    }

    @Test
    void shouldAnswerUnknownWhenTheUploadIsGoneAndNothingTellsWhy() {
        final MultipartUpload upload = withOnePart(WriteCondition.IF_ABSENT);
        upload.complete(MINUTE, fixture.keep());
        fixture.backend.answer(ScriptedBackend.lostAnswer());
        fixture.pollUntilSent();
        fixture.backend.answer(new AttemptResult.Missing("no object"));
        fixture.pollUntilSent();
        fixture.backend.answer(MISSING);
        fixture.poll();
        fixture.backend.answer(new AttemptResult.Missing("no object"));
        fixture.poll();
        assertThat(fixture.only()).isInstanceOf(PutOutcome.Unknown.class);
    }

    @Test
    void shouldSayThatAnUploadWasSwept() {
        final MultipartUpload upload = withOnePart(WriteCondition.IF_ABSENT);
        upload.complete(MINUTE, fixture.keep());
        fixture.backend.answer(MISSING);
        fixture.poll();
        fixture.backend.answer(new AttemptResult.Missing("no object"));
        fixture.poll();
        assertThat(((Failed) fixture.only()).kind()).isEqualTo(FailureKind.NO_SUCH_PLACE);
    }

    @Test
    void shouldAbortOpenUploadsWhenTheSessionEnds() {
        withOnePart(WriteCondition.IF_ABSENT);
        fixture.backend.always(request -> ABORTED);
        fixture.session.close();
        assertThat(fixture.backend.begun.getLast().request()).isEqualTo(new AttemptRequest.AbortUpload("a", "id-1"));
    }

    @Test
    void shouldNotWaitForeverForAnAbortWhenTheSessionEnds() {
        withOnePart(WriteCondition.IF_ABSENT);
        fixture.backend.onCancel = ScriptedBackend.cancelledWith(Effect.UNKNOWN);
        fixture.session.close();
        assertThat(fixture.backend.cancelled.getLast().request())
                .isEqualTo(new AttemptRequest.AbortUpload("a", "id-1"));
    }

    @Test
    void shouldLeaveAnUploadAloneOfWhichNobodyKnowsWhetherItWasCompleted() {
        final MultipartUpload upload = withOnePart(WriteCondition.IF_ABSENT);
        upload.complete(MINUTE, fixture.keep());
        fixture.backend.onCancel = ScriptedBackend.cancelledWith(Effect.UNKNOWN);
        fixture.session.close();
        assertThat(fixture.only()).isInstanceOf(PutOutcome.Unknown.class);
        assertThat(fixture.backend.begun.getLast().request()).isInstanceOf(AttemptRequest.CompleteUpload.class);
    }

    @Test
    void shouldBoundTheUploadsThatAreLeftOpen() {
        fixture.backend.always(request -> switch (request) {
            case AttemptRequest.CreateUpload create -> CREATED;
            case AttemptRequest.UploadPart uploadPart -> new AttemptResult.PartWritten("\"p\"");
            default -> ABORTED;
        });
        for (int i = 0; i < 64; i++) {
            part(open(WriteCondition.ALWAYS), 512);
            fixture.poll();
            fixture.poll();
        }
        assertThatThrownBy(() -> open(WriteCondition.ALWAYS)).hasMessageContaining("64 uploads");
    }
}
