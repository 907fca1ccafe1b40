package dev.firn.s3tier.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.WriteStamp;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether the check finds each broken promise, and none where there is none. */
@Timeout(60)
class StoreCheckTest {
    private static final long SEED = 20_261_121;

    @Test
    void shouldCallAStoreFitThatKeepsEveryPromise() {
        final MemoryBackend store = new MemoryBackend(null);
        final CheckReport report = check(store);
        assertThat(report.results()).extracting(CheckResult::kind).containsExactly(CheckKind.values());
        assertThat(report.results())
                .allSatisfy(result -> assertThat(result.status())
                        .as(result.kind() + ": " + result.seen())
                        .isIn(CheckStatus.PASS, CheckStatus.INFO));
        assertThat(report.verdict()).isEqualTo(CheckVerdict.FIT);
        assertThat(report.leftBehind()).isEmpty();
        assertThat(store.isEmpty()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Flaw.class)
    void shouldNameThePromiseThatAStoreBreaks(final Flaw flaw) {
        final MemoryBackend store = new MemoryBackend(flaw);
        final CheckReport report = checkUntil(CheckKind.LATENCY, store);
        assertThat(report.verdict()).isEqualTo(CheckVerdict.UNFIT);
        assertThat(result(report, flaw.foundBy()).status())
                .as(String.valueOf(report))
                .isEqualTo(CheckStatus.FAIL);
        assertThat(result(report, flaw.foundBy()).seen()).isNotEmpty();
        assertThat(flaw.foundBy().cost()).isNotEmpty();
        assertThat(store.isEmpty())
                .as("left: %s, %s", store.keys(), report.leftBehind())
                .isTrue();
    }

    @Test
    void shouldRemarkThatUploadsCannotBeListed() {
        final MemoryBackend store = new MemoryBackend(null);
        store.interfere(request -> request instanceof AttemptRequest.ListUploads
                ? new AttemptFailed(FailureKind.REJECTED, Effect.NONE, Retry.NEVER, 0, "NotImplemented", "r7")
                : null);
        final CheckReport report = check(store);
        assertThat(result(report, CheckKind.LIST_UPLOADS).status()).isEqualTo(CheckStatus.REMARK);
        assertThat(result(report, CheckKind.LIST_UPLOADS).seen()).contains("NotImplemented", "r7", "rule");
        assertThat(report.verdict()).isEqualTo(CheckVerdict.FIT_WITH_REMARKS);
        assertThat(store.isEmpty()).isTrue();
    }

    @Test
    void shouldRemarkThatOddKeysAreRefused() {
        final MemoryBackend store = new MemoryBackend(null);
        store.interfere(request -> request instanceof AttemptRequest.PutObject put
                        && put.key().contains("\ud83d\udc27")
                        && put.key().contains("/odd")
                ? new AttemptFailed(FailureKind.REJECTED, Effect.NONE, Retry.NEVER, 0, "InvalidKey", "")
                : null);
        final CheckReport report = check(store);
        assertThat(result(report, CheckKind.ODD_KEYS).status()).isEqualTo(CheckStatus.REMARK);
        assertThat(result(report, CheckKind.ODD_KEYS).seen()).contains("\ud83d\udc27");
        assertThat(report.verdict()).isEqualTo(CheckVerdict.FIT_WITH_REMARKS);
    }

    @Test
    void shouldRemarkThatKeysBeyondAsciiAreListedInAnotherOrder() {
        final MemoryBackend store = new MemoryBackend(null);
        store.listByUtf16();
        final CheckReport report = check(store);
        assertThat(result(report, CheckKind.LIST_ORDER_AND_PAGES).status()).isEqualTo(CheckStatus.REMARK);
        assertThat(report.verdict()).isEqualTo(CheckVerdict.FIT_WITH_REMARKS);
    }

    @ParameterizedTest
    @ValueSource(longs = {-3_600_000, 3_600_000})
    void shouldRemarkAClockThatIsWrong(final long skewMs) {
        final MemoryBackend store = new MemoryBackend(null);
        store.skew(skewMs);
        final CheckResult clock = result(check(store), CheckKind.CLOCK);
        assertThat(clock.status()).isEqualTo(CheckStatus.REMARK);
        assertThat(clock.seen()).containsPattern("3,(59[5-9]|600) s").contains(skewMs < 0 ? "behind" : "ahead");
    }

    @Test
    void shouldNotCallAStoreUnfitThatLosesAnswersNowAndThen() {
        final MemoryBackend store = new MemoryBackend(null);
        final AtomicInteger writes = new AtomicInteger();
        store.answerAfterwards(request -> request instanceof AttemptRequest.PutObject put
                        && !put.precondition().equals(Precondition.NONE)
                        && writes.incrementAndGet() == 2
                ? new AttemptFailed(FailureKind.STORE_ERROR, Effect.UNKNOWN, Retry.LATER, 0, "500", "r3")
                : null);
        final CheckReport report = check(store);
        assertThat(report.verdict()).as(report.toString()).isEqualTo(CheckVerdict.FIT);
        assertThat(store.isEmpty()).isTrue();
    }

    @Test
    void shouldLetThoseTryAgainWhoWereToldOfAConflictInARace() {
        final MemoryBackend store = new MemoryBackend(null);
        final AtomicInteger puts = new AtomicInteger();
        store.interfere(request -> request instanceof AttemptRequest.PutObject put
                        && put.key().contains("create-race")
                        && puts.incrementAndGet() % 5 == 3
                ? new AttemptFailed(FailureKind.STORE_ERROR, Effect.NONE, Retry.LATER, 0, "409", "r4")
                : null);
        assertThat(result(check(store), CheckKind.CREATE_RACE).status()).isEqualTo(CheckStatus.PASS);
    }

    @Test
    void shouldNotJudgeWhatAlwaysFailsInPassing() {
        final MemoryBackend store = new MemoryBackend(null);
        store.interfere(request -> request instanceof AttemptRequest.ListPage list
                        && list.delimiter().equals("/")
                ? new AttemptFailed(FailureKind.THROTTLED, Effect.NONE, Retry.LATER, 0, "SlowDown", "r5")
                : null);
        final CheckReport report = check(store);
        final CheckResult pages = result(report, CheckKind.LIST_ORDER_AND_PAGES);
        assertThat(pages.status()).isEqualTo(CheckStatus.SKIPPED);
        assertThat(pages.seen()).contains("could not be judged", "SlowDown", "r5");
        assertThat(report.verdict()).isEqualTo(CheckVerdict.UNDECIDED);
        assertThat(report.retries()).isPositive();
    }

    @ParameterizedTest
    @EnumSource(
            value = FailureKind.class,
            names = {"DENIED", "NO_SUCH_PLACE", "UNREACHABLE", "FULL"})
    void shouldSayAtOnceThatAStoreIsNotThereOrLetsNobodyIn(final FailureKind kind) {
        final MemoryBackend store = new MemoryBackend(null);
        store.interfere(request -> new AttemptFailed(kind, Effect.NONE, Retry.NEVER, 0, "what the store says", ""));
        assertThatThrownBy(() -> check(store)).isInstanceOfSatisfying(StoreUnusableException.class, e -> {
            assertThat(e.kind()).isEqualTo(kind);
            assertThat(e).hasMessage("what the store says");
        });
    }

    @Test
    void shouldCleanUpAndBeUndecidedWhenItIsStopped() {
        final MemoryBackend store = new MemoryBackend(null);
        final CheckReport report = checkUntil(CheckKind.MULTIPART_ABORT, store);
        assertThat(result(report, CheckKind.MULTIPART).status()).isEqualTo(CheckStatus.PASS);
        assertThat(result(report, CheckKind.MULTIPART_ABORT).status()).isEqualTo(CheckStatus.SKIPPED);
        assertThat(result(report, CheckKind.STREAM).seen()).isEqualTo("not asked: it was stopped");
        assertThat(report.verdict()).isEqualTo(CheckVerdict.UNDECIDED);
        assertThat(store.isEmpty()).isTrue();
    }

    @Test
    void shouldEndWhenItsTimeIsOver() {
        final MemoryBackend store = new MemoryBackend(null);
        final CheckReport report = new StoreCheck(
                        store,
                        SystemClock.INSTANCE,
                        SystemRandom.seeded(SEED),
                        Duration.ofNanos(1),
                        CheckListener.SILENT)
                .run();
        assertThat(report.verdict()).isEqualTo(CheckVerdict.UNDECIDED);
        assertThat(result(report, CheckKind.CREATE_RACE).seen()).contains("its time was over");
    }

    @Test
    void shouldSayWhatCouldNotBeRemoved() {
        final MemoryBackend store = new MemoryBackend(null);
        store.interfere(request -> switch (request) {
            case AttemptRequest.DeleteObject delete when delete.key().contains("/latency") -> refused();
            case AttemptRequest.DeleteBatch _ -> refused();
            default -> null;
        });
        final CheckReport report = check(store);
        assertThat(report.leftBehind()).startsWith("100 objects and 0 uploads below firn-store-check-");
        assertThat(store.keys()).hasSize(100);
    }

    @Test
    void shouldLeaveAloneWhatWasThereBefore() {
        final MemoryBackend store = new MemoryBackend(null);
        final AttemptRequest.PutObject put =
                new AttemptRequest.PutObject("manifest", List.of(), 0, Precondition.NONE, WriteStamp.NONE);
        store.begin(new Attempt(put, Long.MAX_VALUE, attempt -> {}));
        assertThat(store.doWork()).isOne();
        assertThat(check(store).verdict()).isEqualTo(CheckVerdict.FIT);
        assertThat(store.keys()).containsExactly("manifest");
    }

    private static AttemptResult refused() {
        return new AttemptFailed(FailureKind.DENIED, Effect.NONE, Retry.NEVER, 0, "AccessDenied", "r6");
    }

    private static CheckResult result(final CheckReport report, final CheckKind kind) {
        return report.results().stream()
                .filter(result -> result.kind() == kind)
                .findFirst()
                .orElseThrow();
    }

    private static CheckReport check(final MemoryBackend store) {
        return new StoreCheck(
                        store,
                        SystemClock.INSTANCE,
                        SystemRandom.seeded(SEED),
                        StoreCheck.DEFAULT_LIMIT,
                        CheckListener.SILENT)
                .run();
    }

    /** Stops the check when it comes to this kind. */
    private static CheckReport checkUntil(final CheckKind last, final MemoryBackend store) {
        final StoreCheck[] check = new StoreCheck[1];
        final CheckListener stopping = new CheckListener() {
            @Override
            public void began(final CheckKind kind) {
                if (kind == last) {
                    check[0].stop();
                }
            }

            @Override
            public void ended(final CheckResult result) {}
        };
        check[0] = new StoreCheck(
                store, SystemClock.INSTANCE, SystemRandom.seeded(SEED), StoreCheck.DEFAULT_LIMIT, stopping);
        return check[0].run();
    }
}
