package dev.firn.s3tier.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.s3server.Fault;
import dev.firn.s3tier.s3server.FaultProxy;
import dev.firn.s3tier.s3server.RequestPattern;
import dev.firn.s3tier.s3server.S3Server;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.HeadOutcome;
import dev.firn.s3tier.store.ListOutcome;
import dev.firn.s3tier.store.ListRequest;
import dev.firn.s3tier.store.MultipartUpload;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.PartOutcome;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.WriteCondition;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract's promises on the CRT's store when something goes wrong between it and a real S3 server. */
final class FaultyS3Test {
    private static final String BUCKET = "faulty-s3";
    private static final int LENGTH = 100_000;
    private static final int WRITERS = 32;
    private static final Duration ATTEMPT = Duration.ofMillis(300);
    private static final Duration LONGER_THAN_AN_ATTEMPT = Duration.ofMillis(450);

    private static S3Server server;

    private long seed;
    private FaultProxy proxy;
    private StoreFixture faulty;
    private StoreFixture direct;

    @BeforeAll
    static void openServer() throws IOException {
        server = S3Server.shared();
        server.createBucket(BUCKET);
    }

    @BeforeEach
    void openStores() throws IOException {
        seed = SystemRandom.create().nextLong();
        proxy = FaultProxy.before(server.endpoint(), seed);
        final String prefix = "faulty/" + Long.toHexString(seed) + "/";
        // The outer of the two leak checks.
        direct = fixture(CrtStores.open(server, BUCKET, StoreLimits.DEFAULT), prefix);
        faulty = fixture(CrtStores.open(proxy.endpoint(), server, BUCKET, limits()), prefix);
    }

    @AfterEach
    void closeStores() {
        proxy.clear();
        faulty.close();
        direct.close();
        proxy.close();
    }

    private static StoreFixture fixture(final ObjectStore store, final String prefix) {
        return new StoreFixture(LeakCheck.start(), store, new RealDriver(), StoreCapabilities.FULL, prefix);
    }

    /** Gives an attempt up soon, and tries again soon. */
    private static StoreLimits limits() {
        return limits(ATTEMPT.toNanos(), 100);
    }

    private static StoreLimits limits(final long attemptTimeoutNs, final long backoffCapMs) {
        return StoreLimits.DEFAULT
                .withAttempts(
                        attemptTimeoutNs,
                        12,
                        Duration.ofMillis(5).toNanos(),
                        Duration.ofMillis(backoffCapMs).toNanos())
                .withRetries(100_000, 1_000);
    }

    /** What a session must hide, whatever request it happens to. */
    static Stream<Fault> passingFaults() {
        return Stream.of(
                Fault.internalError(),
                Fault.slowDown(),
                Fault.errorWithin200(),
                new Fault.ErrorAnswer(502, "BadGateway", -1),
                new Fault.ErrorAfterEffect(500, "InternalError"),
                new Fault.ErrorAfterEffect(503, "SlowDown"),
                new Fault.ResetOnRequest(),
                new Fault.ResetInRequest(1_000),
                new Fault.ResetAfterRequest(),
                new Fault.LostAnswer(),
                new Fault.ResetInAnswer(0),
                new Fault.ResetInAnswer(1_000),
                new Fault.TruncatedAnswer(0),
                new Fault.TruncatedAnswer(1_000),
                new Fault.Hang(),
                new Fault.HangAfterEffect(),
                new Fault.LateRequest(LONGER_THAN_AN_ATTEMPT),
                new Fault.LateAnswer(LONGER_THAN_AN_ATTEMPT),
                new Fault.Duplicate(Duration.ofMillis(20)));
    }

    @ParameterizedTest
    @MethodSource("passingFaults")
    void shouldWriteRightlyWhenAFaultHappensOnce(final Fault fault) {
        final String key = faulty.key("written");
        final FaultProxy.Injection created =
                proxy.inject(fault, RequestPattern.puts().once());
        final ObjectVersion first = faulty.stored(key, Bytes.of(1, LENGTH), WriteCondition.IF_ABSENT);
        assertThat(created.count()).isEqualTo(1);
        assertThat(direct.read(key)).isEqualTo(Bytes.of(1, LENGTH));

        final FaultProxy.Injection replaced =
                proxy.inject(fault, RequestPattern.puts().once());
        final ObjectVersion second = faulty.stored(key, Bytes.of(2, LENGTH), WriteCondition.ifVersion(first));
        assertThat(replaced.count()).isEqualTo(1);
        assertThat(second.etag())
                .isEqualTo(StoreFixture.found(direct.head(key)).version().etag());

        final FaultProxy.Injection refused =
                proxy.inject(fault, RequestPattern.puts().once());
        assertThat(faulty.put(key, Bytes.of(3, LENGTH), WriteCondition.IF_ABSENT))
                .isInstanceOf(PutOutcome.PreconditionFailed.class);
        assertThat(refused.count()).isEqualTo(1);
        assertThat(direct.read(key)).isEqualTo(Bytes.of(2, LENGTH));

        final FaultProxy.Injection overwritten =
                proxy.inject(fault, RequestPattern.puts().once());
        faulty.stored(key, Bytes.of(4, LENGTH), WriteCondition.ALWAYS);
        assertThat(overwritten.count()).isEqualTo(1);
        assertThat(direct.read(key)).isEqualTo(Bytes.of(4, LENGTH));
    }

    @ParameterizedTest
    @MethodSource("passingFaults")
    void shouldUploadRightlyWhenAFaultHappensOnce(final Fault fault) {
        final String key = faulty.key("uploaded");
        final FaultProxy.Injection begun =
                proxy.inject(fault, RequestPattern.of("POST", "[?&]uploads").once());
        final FaultProxy.Injection parts =
                proxy.inject(fault, RequestPattern.parts().once());
        final FaultProxy.Injection completed =
                proxy.inject(fault, RequestPattern.completions().once());
        final MultipartUpload upload = faulty.session().openUpload(key, WriteCondition.IF_ABSENT);
        assertThat(faulty.part(upload, Bytes.of(5, LENGTH))).isInstanceOf(PartOutcome.PartStored.class);
        assertThat(faulty.complete(upload)).isInstanceOf(PutOutcome.Stored.class);
        assertThat(begun.count() + parts.count() + completed.count()).isEqualTo(3);
        assertThat(direct.read(key)).isEqualTo(Bytes.of(5, LENGTH));
    }

    /** An error in a success' place is what S3 does to uploads being completed; a read with one is not tried again. */
    static Stream<Fault> passingFaultsOfReads() {
        return passingFaults().filter(fault -> !fault.equals(Fault.errorWithin200()));
    }

    @ParameterizedTest
    @MethodSource("passingFaultsOfReads")
    void shouldReadRightlyWhenAFaultHappensOnce(final Fault fault) {
        final String key = faulty.key("read");
        final ObjectVersion version = direct.stored(key, Bytes.of(7, LENGTH), WriteCondition.ALWAYS);

        final FaultProxy.Injection whole =
                proxy.inject(fault, RequestPattern.gets().once());
        checkRange(key, 0, LENGTH, null);
        final FaultProxy.Injection range =
                proxy.inject(fault, RequestPattern.gets().once());
        checkRange(key, 777, 50_000, version);
        final FaultProxy.Injection head =
                proxy.inject(fault, RequestPattern.heads().once());
        final HeadOutcome.Found found = StoreFixture.found(faulty.head(key));
        assertThat(found.lengthBytes()).isEqualTo(LENGTH);
        assertThat(found.version()).isEqualTo(version);
        final FaultProxy.Injection list =
                proxy.inject(fault, RequestPattern.lists().once());
        assertThat(faulty.listedKeys(ListRequest.ofPrefix(faulty.key("")))).containsExactly(key);
        assertThat(whole.count() + range.count() + head.count() + list.count()).isEqualTo(4);

        final FaultProxy.Injection delete =
                proxy.inject(fault, RequestPattern.of("DELETE", "").once());
        assertThat(faulty.delete(key)).isEqualTo(new DeleteOutcome.Deleted(1));
        assertThat(delete.count()).isEqualTo(1);
        assertThat(direct.exists(key)).isFalse();
        direct.stored(key, "again");
        final FaultProxy.Injection batch =
                proxy.inject(fault, RequestPattern.of("POST", "[?&]delete").once());
        assertThat(faulty.deleteAll(List.of(key, faulty.key("none")))).isEqualTo(new DeleteOutcome.Deleted(2));
        assertThat(batch.count()).isEqualTo(1);
        assertThat(direct.exists(key)).isFalse();
    }

    private void checkRange(final String key, final int offset, final int length, final ObjectVersion version) {
        final MemorySegment buffer = faulty.buffer(length);
        try {
            final GetOutcome outcome = faulty.get(key, offset, buffer, version);
            assertThat(outcome).isInstanceOf(GetOutcome.Fetched.class);
            assertThat(((GetOutcome.Fetched) outcome).lengthBytes()).isEqualTo(length);
            assertThat(buffer.toArray(ValueLayout.JAVA_BYTE))
                    .isEqualTo(Arrays.copyOfRange(Bytes.of(7, LENGTH), offset, offset + length));
        } finally {
            faulty.free(buffer);
        }
    }

    @Test
    void shouldNotTakeAnErrorForTheObject() {
        final String key = faulty.key("read");
        final ObjectVersion version = direct.stored(key, Bytes.of(7, LENGTH), WriteCondition.ALWAYS);
        proxy.inject(Fault.errorWithin200(), RequestPattern.gets());
        final MemorySegment buffer = faulty.buffer(100);
        assertThat(faulty.get(key, 0, buffer, null)).isInstanceOf(Failed.class);
        assertThat(faulty.get(key, 5, buffer, version)).isInstanceOf(Failed.class);
        faulty.free(buffer);
        final ListOutcome list =
                faulty.call(handler -> faulty.session().list(ListRequest.ofPrefix(key), CallOptions.DEFAULT, handler));
        assertThat(list).isInstanceOf(ListOutcome.Listed.class);
        proxy.inject(Fault.errorWithin200(), RequestPattern.lists());
        final ListOutcome none =
                faulty.call(handler -> faulty.session().list(ListRequest.ofPrefix(key), CallOptions.DEFAULT, handler));
        assertThat(none).isInstanceOf(Failed.class);
    }

    @Test
    void shouldTryAConditionalWriteAgainWhenTheStoreIsBusyWithAnother() {
        // An attempt that is given up on a loaded machine would be ambiguous by right.
        try (StoreFixture patient = patient(5_000)) {
            final FaultProxy.Injection conflict =
                    proxy.inject(Fault.conflict(), RequestPattern.puts().times(3));
            patient.stored(patient.key("conflict"), Bytes.of(1, 10), WriteCondition.IF_ABSENT);
            assertThat(conflict.count()).isEqualTo(3);
            assertThat(patient.store().counters().ambiguousWrites()).isZero();
        }
    }

    @Test
    void shouldWaitAsLongAsTheStoreAsksFor() {
        try (StoreFixture patient = patient(5_000)) {
            final FaultProxy.Injection slowDown =
                    proxy.inject(Fault.slowDown(1), RequestPattern.heads().once());
            final long begunNs = SystemClock.INSTANCE.nanoTime();
            assertThat(patient.exists(patient.key("waits"))).isFalse();
            assertThat(Duration.ofNanos(SystemClock.INSTANCE.nanoTime() - begunNs))
                    .isGreaterThan(Duration.ofMillis(990));
            assertThat(slowDown.count()).isEqualTo(1);
        }
    }

    /** Through the proxy, with the time for an attempt that is usual: gives a busy server time. */
    private StoreFixture patient(final long backoffCapMs) {
        return fixture(
                CrtStores.open(
                        proxy.endpoint(), server, BUCKET, limits(StoreLimits.DEFAULT.attemptTimeoutNs(), backoffCapMs)),
                faulty.key(""));
    }

    @Test
    void shouldStoreExactlyOneOfManyWritersWhenAnswersAreLost() {
        try (StoreFixture patient = patient(5_000)) {
            for (int round = 0; round < 2; round++) {
                final String key = faulty.key("raced/" + round);
                loseAnswers();
                final List<Writer> writers = new ArrayList<>();
                for (int i = 0; i < WRITERS; i++) {
                    writers.add(new Writer(patient, key, i, WriteCondition.IF_ABSENT));
                }
                patient.race(writers);
                final ObjectVersion created = checkWinner(key, writers);

                writers.clear();
                for (int i = 0; i < WRITERS; i++) {
                    writers.add(new Writer(patient, key, WRITERS + i, WriteCondition.ifVersion(created)));
                }
                patient.race(writers);
                checkWinner(key, writers);
            }
            assertThat(patient.store().counters().ambiguousResolved())
                    .as("seed %d", seed)
                    .isPositive();
        }
    }

    private void loseAnswers() {
        proxy.clear();
        proxy.inject(new Fault.LostAnswer(), RequestPattern.puts().withProbability(0.3));
        proxy.inject(
                new Fault.ErrorAfterEffect(500, "InternalError"),
                RequestPattern.puts().withProbability(0.2));
        proxy.inject(new Fault.ResetOnRequest(), RequestPattern.puts().withProbability(0.2));
        proxy.inject(
                new Fault.Duplicate(Duration.ofMillis(5)), RequestPattern.puts().withProbability(0.2));
        proxy.inject(Fault.slowDown(), RequestPattern.heads().withProbability(0.3));
    }

    private ObjectVersion checkWinner(final String key, final List<Writer> writers) {
        proxy.awaitDuplicates();
        assertThat(writers)
                .as("seed %d", seed)
                .allSatisfy(writer -> assertThat(writer.outcome)
                        .isInstanceOfAny(PutOutcome.Stored.class, PutOutcome.PreconditionFailed.class));
        final List<Writer> winners = writers.stream()
                .filter(writer -> writer.outcome instanceof PutOutcome.Stored)
                .toList();
        assertThat(winners).as("winners of %s, seed %d", key, seed).hasSize(1);
        assertThat(direct.read(key)).isEqualTo(Bytes.of(winners.getFirst().number, Writer.LENGTH));
        return StoreFixture.versionOf(winners.getFirst().outcome);
    }

    @Test
    void shouldSayThatItWonAndWasOvertakenWhenAnotherReplacedItMeanwhile() {
        final String key = faulty.key("overtaken");
        final FaultProxy.Injection lost =
                proxy.inject(new Fault.LostAnswer(), RequestPattern.puts().once());
        final FaultProxy.Injection question = proxy.inject(Fault.internalError(), RequestPattern.heads());
        final MemorySegment body = faulty.bufferOf(Bytes.of(1, 100));
        final Call<PutOutcome> put = Call.begin(handler ->
                faulty.session().put(key, List.of(body), WriteCondition.IF_ABSENT, CallOptions.DEFAULT, handler));
        faulty.until(() -> lost.count() == 1 && question.count() > 0, "the writer asks");
        final ObjectVersion written = StoreFixture.found(direct.head(key)).version();
        direct.stored(key, Bytes.of(2, 100), WriteCondition.ifVersion(written));
        question.remove();
        final PutOutcome outcome = faulty.await(put);
        faulty.free(body);
        assertThat(outcome).isInstanceOf(PutOutcome.Stored.class);
        assertThat(((PutOutcome.Stored) outcome).overtaken()).isTrue();
    }

    @Test
    void shouldSayThatItLostWhenAnotherCameFirst() {
        final String key = faulty.key("lost");
        final FaultProxy.Injection cut = proxy.inject(new Fault.ResetInRequest(50), RequestPattern.puts());
        final FaultProxy.Injection question = proxy.inject(Fault.internalError(), RequestPattern.heads());
        final MemorySegment body = faulty.bufferOf(Bytes.of(1, 100));
        final Call<PutOutcome> put = Call.begin(handler ->
                faulty.session().put(key, List.of(body), WriteCondition.IF_ABSENT, CallOptions.DEFAULT, handler));
        faulty.until(() -> cut.count() > 0, "the write is cut off");
        direct.stored(key, Bytes.of(2, 100), WriteCondition.IF_ABSENT);
        cut.remove();
        question.remove();
        assertThat(faulty.await(put)).isInstanceOf(PutOutcome.PreconditionFailed.class);
        faulty.free(body);
        assertThat(direct.read(key)).isEqualTo(Bytes.of(2, 100));
    }

    @Test
    void shouldNotClaimToKnowWhenAWriteMayStillCome() {
        final String key = faulty.key("late");
        proxy.inject(
                new Fault.LateRequest(Duration.ofMillis(1_500)),
                RequestPattern.puts().once());
        proxy.inject(new Fault.ResetOnRequest(), RequestPattern.puts());
        final MemorySegment body = faulty.bufferOf(Bytes.of(1, 100));
        final PutOutcome outcome = faulty.call(handler -> faulty.session()
                .put(
                        key,
                        List.of(body),
                        WriteCondition.IF_ABSENT,
                        CallOptions.within(Duration.ofMillis(700)),
                        handler));
        faulty.free(body);
        assertThat(outcome).isInstanceOf(PutOutcome.Unknown.class);
        direct.until(() -> direct.exists(key), "the write has come");
        assertThat(direct.read(key)).isEqualTo(Bytes.of(1, 100));
    }

    @Test
    void shouldNeverReturnFlippedBitsOfAWholeObject() {
        final String key = faulty.key("flipped");
        direct.stored(key, Bytes.of(7, LENGTH), WriteCondition.ALWAYS);
        final FaultProxy.Injection sometimes =
                proxy.inject(new Fault.FlippedAnswer(), RequestPattern.gets().withProbability(0.3));
        for (int i = 0; i < 40; i++) {
            checkRange(key, 0, LENGTH, null);
        }
        assertThat(sometimes.count()).isPositive();
        assertThat(faulty.store().counters().corruptions()).isEqualTo(sometimes.count());
        proxy.clear();
        proxy.inject(new Fault.FlippedAnswer(), RequestPattern.gets());
        final MemorySegment buffer = faulty.buffer(LENGTH);
        checkFailed(faulty.get(key, 0, buffer, null), FailureKind.CORRUPT);
        faulty.free(buffer);
    }

    @Test
    void shouldNeverStoreFlippedBits() {
        final String key = faulty.key("flipped-on-the-way");
        proxy.inject(new Fault.FlippedRequest(), RequestPattern.puts().times(2));
        faulty.stored(key, Bytes.of(1, LENGTH), WriteCondition.IF_ABSENT);
        assertThat(direct.read(key)).isEqualTo(Bytes.of(1, LENGTH));

        proxy.inject(new Fault.FlippedRequest(), RequestPattern.parts().times(2));
        final MultipartUpload upload = faulty.session().openUpload(key, WriteCondition.ALWAYS);
        assertThat(faulty.part(upload, Bytes.of(2, LENGTH))).isInstanceOf(PartOutcome.PartStored.class);
        assertThat(faulty.complete(upload)).isInstanceOf(PutOutcome.Stored.class);
        assertThat(direct.read(key)).isEqualTo(Bytes.of(2, LENGTH));

        proxy.inject(new Fault.FlippedRequest(), RequestPattern.puts());
        // An attempt that a busy machine gives up may still have an effect: nothing but flips is to befall these.
        try (StoreFixture patient = patient(100)) {
            checkFailed(
                    patient.put(faulty.key("never"), Bytes.of(3, LENGTH), WriteCondition.IF_ABSENT),
                    FailureKind.CORRUPT);
        }
        assertThat(direct.exists(faulty.key("never"))).isFalse();
    }

    @Test
    void shouldSayWhyWhenAFaultDoesNotPass() {
        final String key = faulty.key("lasting");
        proxy.inject(Fault.slowDown(), RequestPattern.ANY);
        checkFailed(faulty.head(key), FailureKind.THROTTLED);
        proxy.clear();
        proxy.inject(Fault.internalError(), RequestPattern.ANY);
        checkFailed(faulty.head(key), FailureKind.STORE_ERROR);
        proxy.clear();
        proxy.inject(new Fault.ResetOnRequest(), RequestPattern.ANY);
        checkFailed(faulty.head(key), FailureKind.UNREACHABLE);
        proxy.clear();
        proxy.inject(new Fault.ErrorAnswer(403, "AccessDenied", -1), RequestPattern.ANY);
        checkFailed(faulty.put(key, "x", WriteCondition.IF_ABSENT), FailureKind.DENIED);
        proxy.clear();
        proxy.inject(new Fault.Hang(), RequestPattern.ANY);
        final ListOutcome late = faulty.call(handler ->
                faulty.session().list(ListRequest.ofPrefix(key), CallOptions.within(Duration.ofMillis(300)), handler));
        checkFailed(late, FailureKind.TIMED_OUT);
        proxy.clear();
        assertThat(faulty.exists(key)).isFalse();
    }

    private static void checkFailed(final Object outcome, final FailureKind kind) {
        assertThat(outcome).isInstanceOf(Failed.class);
        assertThat(((Failed) outcome).kind()).as("%s", outcome).isEqualTo(kind);
    }

    /** Writes once. */
    private static final class Writer implements RaceClient {
        private static final int LENGTH = 1_000;

        private final StoreFixture store;
        private final String key;
        private final long number;
        private final WriteCondition condition;
        private volatile PutOutcome outcome;

        private Writer(final StoreFixture store, final String key, final long number, final WriteCondition condition) {
            this.store = store;
            this.key = key;
            this.number = number;
            this.condition = condition;
        }

        @Override
        public void begin(final StoreSession session) {
            final MemorySegment buffer = store.bufferOf(Bytes.of(number, LENGTH));
            session.put(key, List.of(buffer), condition, CallOptions.DEFAULT, answer -> {
                store.free(buffer);
                outcome = answer;
            });
        }

        @Override
        public boolean isDone() {
            return outcome != null;
        }

        @Override
        public String toString() {
            return "writer " + number + ": " + outcome;
        }
    }
}
