package dev.firn.s3tier.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.ListRequest;
import dev.firn.s3tier.store.MultipartUpload;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.PartOutcome;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.SweepOutcome;
import dev.firn.s3tier.store.WriteCondition;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Uploads of parts: whole at the end, or nothing. */
interface UploadContract extends ContractTests {
    long AGE_NS = Duration.ofHours(1).toNanos();
    int STREAMS_IN_FLIGHT = 4;

    @Test
    default void shouldMakeAnObjectOfPartsOfAnyAllowedLength() {
        final StoreFixture store = store();
        final long part = store.store().limits().minPartBytes();
        final long[][] uploads = {{1}, {part - 1}, {part}, {part + 1}, {part, 1}, {part, part - 1}, {part + 1, part, 7}
        };
        for (int i = 0; i < uploads.length; i++) {
            final String key = store.key("upload-" + i);
            final MultipartUpload upload = store.session().openUpload(key, WriteCondition.ALWAYS);
            long length = 0;
            final List<MemorySegment> buffers = new ArrayList<>();
            final List<Call<PartOutcome>> parts = new ArrayList<>();
            for (final long partLength : uploads[i]) {
                final MemorySegment buffer = store.buffer(partLength);
                Bytes.fill(buffer, i, length);
                length += partLength;
                buffers.add(buffer);
                parts.add(Call.begin(handler -> upload.part(buffer, CallOptions.DEFAULT, handler)));
            }
            // The end is asked for while the parts are on their way.
            final PutOutcome outcome = store.complete(upload);
            for (int number = 1; number <= parts.size(); number++) {
                assertThat(store.await(parts.get(number - 1)))
                        .isEqualTo(new PartOutcome.PartStored(number, uploads[i][number - 1]));
            }
            buffers.forEach(store::free);
            checkUploaded(store, key, outcome, i, length);
        }
    }

    @Test
    default void shouldShowNothingBeforeTheEndAndEverythingAfter() {
        final StoreFixture store = store();
        final String key = store.key("a");
        final MultipartUpload upload = store.session().openUpload(key, WriteCondition.ALWAYS);
        assertThat(store.part(upload, Bytes.of(1, 1_000))).isInstanceOf(PartOutcome.PartStored.class);
        assertThat(store.exists(key)).isFalse();
        assertThat(store.listedKeys(ListRequest.ofPrefix(store.key("")))).isEmpty();
        assertThat(store.complete(upload)).isInstanceOf(PutOutcome.Stored.class);
        assertThat(store.read(key)).isEqualTo(Bytes.of(1, 1_000));
        assertThat(store.listedKeys(ListRequest.ofPrefix(store.key("")))).containsExactly(key);
    }

    @Test
    default void shouldLeaveTheOldObjectUntilTheEndOfTheUpload() {
        final StoreFixture store = store();
        final String key = store.key("a");
        final ObjectVersion old = store.stored(key, "old");
        final MultipartUpload upload = store.session().openUpload(key, WriteCondition.ALWAYS);
        store.part(upload, "new".getBytes(StandardCharsets.UTF_8));
        assertThat(store.readText(key)).isEqualTo("old");
        final ObjectVersion version = StoreFixture.versionOf(store.complete(upload));
        assertThat(store.readText(key)).isEqualTo("new");
        assertThat(version.etag()).isNotEqualTo(old.etag());
        assertThat(StoreFixture.found(store.head(key)).version().stamp().writes())
                .isEqualTo(version.stamp().writes())
                .hasSize(1);
    }

    @Test
    default void shouldMakeAnEmptyObjectOfAnUploadWithoutParts() {
        final StoreFixture store = store();
        final MultipartUpload upload = store.session().openUpload(store.key("a"), WriteCondition.IF_ABSENT);
        assertThat(store.complete(upload)).isInstanceOf(PutOutcome.Stored.class);
        assertThat(store.read(store.key("a"))).isEmpty();
    }

    @Test
    default void shouldKeepConditionsAtTheEndOfAnUpload() {
        final StoreFixture store = store();
        Assumptions.assumeTrue(store.capabilities().conditionalUploads());
        final String key = store.key("a");
        final MultipartUpload first = opened(store, key, WriteCondition.IF_ABSENT, 1);
        final MultipartUpload second = opened(store, key, WriteCondition.IF_ABSENT, 2);
        final ObjectVersion one = StoreFixture.versionOf(store.complete(second));
        assertThat(store.complete(first)).isInstanceOf(PutOutcome.PreconditionFailed.class);
        assertThat(store.read(key)).isEqualTo(Bytes.of(2, 100));

        final MultipartUpload third = opened(store, key, WriteCondition.ifVersion(one), 3);
        final MultipartUpload fourth = opened(store, key, WriteCondition.ifVersion(one), 4);
        assertThat(store.complete(third)).isInstanceOf(PutOutcome.Stored.class);
        assertThat(store.complete(fourth)).isInstanceOf(PutOutcome.PreconditionFailed.class);
        assertThat(store.read(key)).isEqualTo(Bytes.of(3, 100));
        for (final MultipartUpload left : List.of(first, fourth)) {
            assertThat(store.abort(left)).isInstanceOf(DeleteOutcome.Deleted.class);
        }
    }

    @Test
    default void shouldLeaveNothingOfAnUploadThatWasAborted() {
        final StoreFixture store = store();
        final String key = store.key("a");
        final MultipartUpload upload = opened(store, key, WriteCondition.ALWAYS, 1);
        assertThat(store.abort(upload)).isInstanceOf(DeleteOutcome.Deleted.class);
        assertThat(store.exists(key)).isFalse();
        assertThatThrownBy(() -> upload.complete(CallOptions.DEFAULT, outcome -> {}))
                .isInstanceOf(IllegalStateException.class);
        if (!store.capabilities().masksFaults()) {
            assertThat(sweep(store, "", 0)).isEqualTo(new SweepOutcome.Swept(0, 0));
        }
    }

    @Test
    default void shouldCancelPartsOnTheirWayWhenAnUploadIsAborted() {
        final StoreFixture store = store();
        final String key = store.key("a");
        final long length = store.store().limits().minPartBytes();
        final MultipartUpload upload = store.session().openUpload(key, WriteCondition.ALWAYS);
        final List<MemorySegment> buffers = new ArrayList<>();
        final List<Call<PartOutcome>> parts = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            final MemorySegment buffer = store.buffer(length);
            buffers.add(buffer);
            parts.add(Call.begin(handler -> upload.part(buffer, CallOptions.DEFAULT, handler)));
        }
        assertThat(store.abort(upload)).isInstanceOf(DeleteOutcome.Deleted.class);
        for (final Call<PartOutcome> part : parts) {
            final PartOutcome outcome = store.await(part);
            if (outcome instanceof Failed failed) {
                assertThat(failed.kind()).isEqualTo(FailureKind.CANCELLED);
            }
        }
        buffers.forEach(store::free);
        assertThat(store.exists(key)).isFalse();
    }

    @Test
    default void shouldSweepUploadsThatAreOldAndNoOthers() {
        final StoreFixture store = store();
        final MultipartUpload upload = opened(store, store.key("left/a"), WriteCondition.ALWAYS, 1);
        final MultipartUpload other = opened(store, store.key("other/b"), WriteCondition.ALWAYS, 2);
        final SweepOutcome young = sweep(store, "left/", AGE_NS);
        assertThat(young).isInstanceOf(SweepOutcome.Swept.class);
        assertThat(((SweepOutcome.Swept) young).aborted()).isZero();
        assertThat(((SweepOutcome.Swept) young).stillYoung()).isPositive();
        // Clocks of stores differ a little from ours, and some show whole seconds.
        int aborted = 0;
        SweepOutcome.Swept swept = null;
        for (int round = 0; round < 50 && !new SweepOutcome.Swept(0, 0).equals(swept); round++) {
            final SweepOutcome outcome = sweep(store, "left/", 0);
            assertThat(outcome).isInstanceOf(SweepOutcome.Swept.class);
            swept = (SweepOutcome.Swept) outcome;
            aborted += swept.aborted();
            store.linger(Duration.ofMillis(swept.stillYoung() > 0 ? 100 : 1));
        }
        assertThat(swept).as("nothing is left").isEqualTo(new SweepOutcome.Swept(0, 0));
        final PutOutcome outcome = store.complete(upload);
        // The store says that there is no such upload. Whether it ever was completed, only a condition can tell.
        assertThat(outcome).isInstanceOfAny(Failed.class, PutOutcome.Unknown.class);
        if (!store.capabilities().masksFaults()) {
            assertThat(aborted).isEqualTo(1);
            final Failed cause = outcome instanceof PutOutcome.Unknown unknown ? unknown.cause() : (Failed) outcome;
            assertThat(cause.kind()).isEqualTo(FailureKind.NO_SUCH_PLACE);
        }
        assertThat(store.exists(store.key("left/a"))).isFalse();
        assertThat(store.complete(other)).as("not below the prefix").isInstanceOf(PutOutcome.Stored.class);
        assertThat(store.read(store.key("other/b"))).isEqualTo(Bytes.of(2, 100));
    }

    @Test
    default void shouldRefusePartsAfterAShortOne() {
        final StoreFixture store = store();
        final MultipartUpload upload = opened(store, store.key("a"), WriteCondition.ALWAYS, 1);
        final MemorySegment buffer = store.buffer(10);
        try {
            assertThatThrownBy(() -> upload.part(buffer, CallOptions.DEFAULT, outcome -> {}))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> upload.part(buffer.asSlice(0, 0), CallOptions.DEFAULT, outcome -> {}))
                    .isInstanceOf(IllegalArgumentException.class);
        } finally {
            store.free(buffer);
        }
        assertThat(store.abort(upload)).isInstanceOf(DeleteOutcome.Deleted.class);
    }

    @Test
    default void shouldStreamAnObjectThroughAFewBuffers() {
        stream(store(), 64L << 20);
    }

    @Test
    @Tag("long")
    default void shouldStreamAGibibyteThroughAFewBuffers() {
        stream(store(), 1L << 30);
    }

    private static MultipartUpload opened(
            final StoreFixture store, final String key, final WriteCondition condition, final long seed) {
        final MultipartUpload upload = store.session().openUpload(key, condition);
        assertThat(store.part(upload, Bytes.of(seed, 100))).isInstanceOf(PartOutcome.PartStored.class);
        return upload;
    }

    private static SweepOutcome sweep(final StoreFixture store, final String prefix, final long olderThanNs) {
        return store.call(handler ->
                store.session().abortStaleUploads(store.key(prefix), olderThanNs, CallOptions.DEFAULT, handler));
    }

    private static void checkUploaded(
            final StoreFixture store,
            final String key,
            final PutOutcome outcome,
            final long seed,
            final long lengthBytes) {
        assertThat(outcome).as(key).isInstanceOf(PutOutcome.Stored.class);
        assertThat(StoreFixture.found(store.head(key)).lengthBytes()).isEqualTo(lengthBytes);
        assertThat(StoreFixture.found(store.head(key)).version().etag())
                .isEqualTo(StoreFixture.versionOf(outcome).etag());
        readBack(store, key, seed, lengthBytes);
    }

    private static void stream(final StoreFixture store, final long lengthBytes) {
        final String key = store.key("stream");
        final long partBytes = Math.max(store.store().limits().minPartBytes(), lengthBytes / 1_000) + 4_099;
        final MultipartUpload upload = store.session().openUpload(key, WriteCondition.IF_ABSENT);
        final List<MemorySegment> buffers = new ArrayList<>();
        final List<Call<PartOutcome>> parts = new ArrayList<>();
        for (int i = 0; i < STREAMS_IN_FLIGHT; i++) {
            buffers.add(store.buffer(partBytes));
        }
        for (long offset = 0; offset < lengthBytes; offset += partBytes) {
            final int number = parts.size();
            if (number >= STREAMS_IN_FLIGHT) {
                assertThat(store.await(parts.get(number - STREAMS_IN_FLIGHT)))
                        .isInstanceOf(PartOutcome.PartStored.class);
            }
            final MemorySegment part =
                    buffers.get(number % STREAMS_IN_FLIGHT).asSlice(0, Math.min(partBytes, lengthBytes - offset));
            Bytes.fill(part, 9, offset);
            parts.add(Call.begin(handler -> upload.part(part, CallOptions.DEFAULT, handler)));
        }
        final PutOutcome outcome = store.complete(upload);
        parts.forEach(part -> assertThat(store.await(part)).isInstanceOf(PartOutcome.PartStored.class));
        buffers.forEach(store::free);
        checkUploaded(store, key, outcome, 9, lengthBytes);
        store.delete(key);
    }

    /** Reads all of an object, several ranges side by side. */
    private static void readBack(final StoreFixture store, final String key, final long seed, final long lengthBytes) {
        final long pieceBytes = Math.min(lengthBytes, 8L << 20);
        final List<MemorySegment> buffers = new ArrayList<>();
        for (int i = 0; i < STREAMS_IN_FLIGHT; i++) {
            buffers.add(store.buffer(pieceBytes));
        }
        final List<Call<GetOutcome>> calls = new ArrayList<>();
        for (long start = 0; start < lengthBytes; start += STREAMS_IN_FLIGHT * pieceBytes) {
            calls.clear();
            for (int i = 0; i < STREAMS_IN_FLIGHT && start + i * pieceBytes < lengthBytes; i++) {
                final long offset = start + i * pieceBytes;
                final MemorySegment into = buffers.get(i);
                calls.add(Call.begin(
                        handler -> store.session().get(key, offset, into, null, CallOptions.DEFAULT, handler)));
            }
            for (int i = 0; i < calls.size(); i++) {
                final long offset = start + i * pieceBytes;
                final GetOutcome outcome = store.await(calls.get(i));
                assertThat(outcome).isInstanceOf(GetOutcome.Fetched.class);
                final long count = ((GetOutcome.Fetched) outcome).lengthBytes();
                assertThat(count).isEqualTo(Math.min(pieceBytes, lengthBytes - offset));
                assertThat(Bytes.mismatch(buffers.get(i), seed, offset, count)).isEqualTo(-1);
            }
        }
        buffers.forEach(store::free);
    }
}
