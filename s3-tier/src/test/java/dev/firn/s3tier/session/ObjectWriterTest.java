package dev.firn.s3tier.session;

import static dev.firn.s3tier.session.SessionFixture.MINUTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.ObjectWriter;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.WriteCondition;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@link ObjectWriter} over a real session: what reaches the store, and that all memory comes back. */
class ObjectWriterTest {
    private static final MemoryTag TAG = MemoryTag.of("writer-test");
    private static final int PART = 1_024;

    private final SessionFixture fixture = new SessionFixture();
    private final ByteArrayOutputStream arrived = new ByteArrayOutputStream();
    private final List<Class<?>> sent = new ArrayList<>();

    @AfterEach
    void everythingIsGivenBack() {
        fixture.close();
    }

    private ObjectWriter writer(final int buffers) {
        return new ObjectWriter(
                fixture.session,
                fixture.store.limits(),
                "a",
                WriteCondition.IF_ABSENT,
                fixture.memory,
                TAG,
                new ObjectWriter.Shape(PART, buffers, MINUTE));
    }

    private long held() {
        return fixture.memory.usage(TAG).heldCount();
    }

    /** A store that takes all, parts in the order of their arrival. */
    private AttemptResult accept(final AttemptRequest request) {
        sent.add(request.getClass());
        return switch (request) {
            case AttemptRequest.PutObject put -> {
                put.body().forEach(segment -> arrived.writeBytes(SessionFixture.bytes(segment)));
                yield new AttemptResult.ObjectWritten("\"1\"");
            }
            case AttemptRequest.CreateUpload create -> new AttemptResult.UploadCreated("id");
            case AttemptRequest.UploadPart part -> {
                assertThat(part.offset()).isEqualTo(arrived.size());
                arrived.writeBytes(SessionFixture.bytes(part.body()));
                yield new AttemptResult.PartWritten("\"p\"");
            }
            case AttemptRequest.CompleteUpload complete -> new AttemptResult.ObjectWritten("\"1\"");
            case AttemptRequest.AbortUpload abort -> new AttemptResult.UploadAborted();
            default -> throw new AssertionError(request);
        };
    }

    private static MemorySegment bytes(final int length, final RandomGenerator random) {
        final byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return MemorySegment.ofArray(bytes);
    }

    private void writeAll(final ObjectWriter writer, final MemorySegment bytes) {
        long offset = 0;
        while (offset < bytes.byteSize()) {
            final long taken = writer.write(bytes.asSlice(offset));
            assertThat(taken).isNotEqualTo(ObjectWriter.FAILED);
            offset += taken;
            fixture.poll();
        }
    }

    @Test
    void shouldWriteAnyPortionsOfAnyLength() {
        fixture.backend.always(this::accept);
        final RandomGenerator random = SystemRandom.seeded(9);
        for (final int length : new int[] {0, 1, PART - 1, PART, PART + 1, 3 * PART, 3 * PART + 7, 100 * PART}) {
            arrived.reset();
            final ObjectWriter writer = writer(1 + random.nextInt(4));
            final MemorySegment whole = bytes(length, random);
            int offset = 0;
            while (offset < length) {
                final int portion = Math.min(length - offset, 1 + random.nextInt(3 * PART));
                writeAll(writer, whole.asSlice(offset, portion));
                offset += portion;
            }
            assertThat(writer.writtenBytes()).isEqualTo(length);
            assertThat(writer.complete(fixture.keep())).isTrue();
            for (int i = 0; i < 5; i++) {
                fixture.poll();
            }
            assertThat(fixture.only()).as("%d bytes", length).isInstanceOf(PutOutcome.Stored.class);
            assertThat(arrived.toByteArray()).isEqualTo(whole.toArray(ValueLayout.JAVA_BYTE));
            assertThat(held()).isZero();
            fixture.outcomes.clear();
        }
    }

    @Test
    void shouldPutInOnePieceWhatFitsABuffer() {
        fixture.backend.always(this::accept);
        final ObjectWriter writer = writer(2);
        writeAll(writer, bytes(PART, SystemRandom.seeded(1)));
        writer.complete(fixture.keep());
        fixture.poll();
        assertThat(sent).containsExactly(AttemptRequest.PutObject.class);
    }

    @Test
    void shouldTakeNoMoreThanItsBuffersHold() {
        final ObjectWriter writer = writer(3);
        assertThat(writer.write(bytes(10 * PART, SystemRandom.seeded(1)))).isEqualTo(3 * PART);
        assertThat(writer.write(bytes(1, SystemRandom.seeded(1)))).isZero();
        assertThat(writer.partsInFlight()).isEqualTo(3);
        assertThat(held()).isEqualTo(3);
        fixture.backend.always(this::accept);
        fixture.backend.answer(new AttemptResult.UploadCreated("id"));
        fixture.poll();
        fixture.poll();
        assertThat(writer.partsInFlight()).isZero();
        assertThat(writer.write(bytes(1, SystemRandom.seeded(1)))).isEqualTo(1);
        writer.abort(fixture.keep());
        fixture.poll();
        fixture.poll();
        assertThat(fixture.only()).isEqualTo(new DeleteOutcome.Deleted(1));
        assertThat(held()).isZero();
    }

    @Test
    void shouldWaitForMemoryThatOthersHold() {
        fixture.backend.always(this::accept);
        final List<MemorySegment> others = new ArrayList<>();
        for (MemorySegment other = fixture.memory.tryAllocate(PART, TAG);
                other != null;
                other = fixture.memory.tryAllocate(PART, TAG)) {
            others.add(other);
        }
        final ObjectWriter writer = writer(2);
        assertThat(writer.write(bytes(10, SystemRandom.seeded(1)))).isZero();
        others.forEach(fixture.memory::free);
        assertThat(writer.write(bytes(10, SystemRandom.seeded(1)))).isEqualTo(10);
        writer.close();
        assertThat(held()).isZero();
        assertThat(sent).isEmpty();
    }

    @Test
    void shouldAbortWhatTheStoreHoldsWhenTheConditionFails() {
        fixture.backend.always(request -> switch (request) {
            case AttemptRequest.CompleteUpload complete -> new AttemptResult.ConditionFailed("412");
            case AttemptRequest.HeadObject head -> new AttemptResult.Missing("none");
            default -> accept(request);
        });
        final ObjectWriter writer = writer(2);
        writeAll(writer, bytes(2 * PART, SystemRandom.seeded(1)));
        writer.complete(fixture.keep());
        for (int i = 0; i < 5; i++) {
            fixture.poll();
        }
        assertThat(fixture.only()).isInstanceOf(PutOutcome.PreconditionFailed.class);
        assertThat(sent).endsWith(AttemptRequest.AbortUpload.class);
        assertThat(held()).isZero();
    }

    @Test
    void shouldSayThatAPartHasFailed() {
        fixture.backend.always(request -> request instanceof AttemptRequest.UploadPart
                ? ScriptedBackend.failed(FailureKind.FULL, Effect.NONE, Retry.NEVER)
                : accept(request));
        final ObjectWriter writer = writer(4);
        writer.write(bytes(3 * PART, SystemRandom.seeded(1)));
        fixture.poll();
        fixture.poll();
        assertThat(writer.write(bytes(1, SystemRandom.seeded(1)))).isEqualTo(ObjectWriter.FAILED);
        writer.complete(fixture.keep());
        fixture.poll();
        fixture.poll();
        assertThat(((Failed) fixture.only()).kind()).isEqualTo(FailureKind.FULL);
        assertThat(sent).endsWith(AttemptRequest.AbortUpload.class);
        assertThat(held()).isZero();
    }

    @Test
    void shouldGiveItsMemoryBackWhenTheSessionIsClosed() {
        final ObjectWriter writer = writer(4);
        writer.write(bytes(3 * PART + 10, SystemRandom.seeded(1)));
        assertThat(held()).isEqualTo(4);
        fixture.backend.onCancel = ScriptedBackend.cancelledWith(Effect.UNKNOWN);
        fixture.session.close();
        assertThat(held()).isZero();
    }

    @Test
    void shouldWaitForRoomInTheSession() {
        final ObjectWriter writer = writer(2);
        writer.write(bytes(10, SystemRandom.seeded(1)));
        while (fixture.session.room() > 1) {
            fixture.session.head("other", MINUTE, outcome -> {});
        }
        assertThat(writer.complete(fixture.keep())).isFalse();
        fixture.backend.answer(new AttemptResult.Missing("none"));
        fixture.poll();
        assertThat(writer.complete(fixture.keep())).isTrue();
        assertThatThrownBy(() -> writer.write(bytes(1, SystemRandom.seeded(1)))).hasMessageContaining("completed");
    }

    @Test
    void shouldRefusePartsThatTheStoreDoesNotTake() {
        assertThatThrownBy(() -> new ObjectWriter(
                        fixture.session,
                        fixture.store.limits(),
                        "a",
                        WriteCondition.IF_ABSENT,
                        fixture.memory,
                        TAG,
                        new ObjectWriter.Shape(100, 2, MINUTE)))
                .hasMessageContaining("512");
    }
}
