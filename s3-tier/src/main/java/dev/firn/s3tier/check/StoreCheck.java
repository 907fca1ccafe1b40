package dev.firn.s3tier.check;

import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.StoreBackend;
import dev.firn.s3tier.store.FailureKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Asks a store, promise by promise, whether it does what Firn needs of it: {@code firn store check}.
 *
 * <p>Works below a prefix of its own, {@code firn-store-check-…}, and leaves nothing there. A check that fails does not end
 * the others; a lost answer repeats one. Belongs to one thread; {@link #stop} may come from any.
 */
public final class StoreCheck {
    /** How long all checks may take by default. */
    public static final Duration DEFAULT_LIMIT = Duration.ofMinutes(5);

    /** How often one check is begun anew when the answer of a write was lost in it. */
    private static final int MAX_RUNS = 3;

    private static final Duration CLEAN_UP_LIMIT = Duration.ofSeconds(60);
    private static final Set<FailureKind> SHUT_OUT =
            EnumSet.of(FailureKind.DENIED, FailureKind.NO_SUCH_PLACE, FailureKind.UNREACHABLE, FailureKind.FULL);

    private final StoreBackend backend;
    private final Clock clock;
    private final RandomGenerator random;
    private final CheckListener listener;
    private final Attempts attempts;
    private final Duration limit;

    /**
     * @param backend used until {@link #run} returns, and not closed.
     * @param limit how long all checks may take together; cleaning up comes on top.
     */
    public StoreCheck(
            final StoreBackend backend,
            final Clock clock,
            final RandomGenerator random,
            final Duration limit,
            final CheckListener listener) {
        this.backend = backend;
        this.clock = clock;
        this.random = random;
        this.limit = limit;
        this.listener = listener;
        this.attempts = new Attempts(backend, clock, random);
    }

    /** Asks {@link #run} to end soon, and to clean up before. From any thread, also before it began. */
    public void stop() {
        attempts.stop();
    }

    /**
     * Runs every check.
     *
     * @throws StoreUnusableException when the store is not there, or lets nobody in, so that nothing can be said of it.
     */
    public CheckReport run() {
        final long beginNs = clock.nanoTime();
        attempts.deadline(
                beginNs + limit.toNanos(),
                "its time was over: all checks together may take " + limit.toSeconds() + " s");
        try (Workspace work = new Workspace(attempts, backend.limits(), random)) {
            final List<CheckResult> results = new ArrayList<>();
            final String leftBehind;
            try {
                enter(work);
                checks(work).forEach((kind, check) -> {
                    listener.began(kind);
                    final CheckResult result = judge(work, kind, check);
                    results.add(result);
                    listener.ended(result);
                });
            } finally {
                attempts.ignoreStop();
                attempts.deadline(clock.nanoTime() + CLEAN_UP_LIMIT.toNanos(), "cleaning up took too long");
                leftBehind = new CleanUp(work).run();
            }
            return CheckReport.of(
                    backend.describe(), results, leftBehind, attempts.retries(), (clock.nanoTime() - beginNs) / 1e9);
        }
    }

    private Map<CheckKind, Supplier<Finding>> checks(final Workspace work) {
        final ObjectChecks objects = new ObjectChecks(work, clock);
        final ListChecks lists = new ListChecks(work);
        final UploadChecks uploads = new UploadChecks(work);
        final ConditionChecks conditions = new ConditionChecks(work);
        final SpeedChecks speed = new SpeedChecks(work, clock);
        final Map<CheckKind, Supplier<Finding>> checks = new EnumMap<>(CheckKind.class);
        for (final CheckKind kind : CheckKind.values()) {
            checks.put(
                    kind,
                    switch (kind) {
                        case PUT_AND_GET -> objects::putAndGet;
                        case EMPTY_OBJECT -> objects::emptyObject;
                        case HEAD -> objects::head;
                        case METADATA -> objects::metadata;
                        case ODD_KEYS -> objects::oddKeys;
                        case READ_AFTER_WRITE -> objects::readAfterWrite;
                        case LIST_AFTER_WRITE -> lists::listAfterWrite;
                        case LIST_ORDER_AND_PAGES -> lists::orderAndPages;
                        case RANGED_GET -> objects::rangedGet;
                        case DELETE -> objects::delete;
                        case BATCH_DELETE -> objects::batchDelete;
                        case MULTIPART -> uploads::multipart;
                        case MULTIPART_ABORT -> uploads::abort;
                        case LIST_UPLOADS -> uploads::listUploads;
                        case CREATE_IF_ABSENT -> conditions::createIfAbsent;
                        case CREATE_RACE -> conditions::createRace;
                        case REPLACE_IF_MATCH -> conditions::replaceIfMatch;
                        case REPLACE_RACE -> conditions::replaceRace;
                        case MULTIPART_IF_ABSENT -> uploads::createIfAbsent;
                        case MULTIPART_RACE -> uploads::createRace;
                        case CHECKSUM -> objects::checksum;
                        case LARGE_PUT -> objects::largePut;
                        case CLOCK -> objects::clock;
                        case LATENCY -> speed::latency;
                        case STREAM -> speed::stream;
                    });
        }
        return checks;
    }

    /** Nothing can be judged in a store that is not there or lets nobody in: that is said at once, in the store's words. */
    private void enter(final Workspace work) {
        final String key = work.key("enter");
        final AttemptRequest list = new AttemptRequest.ListPage(work.prefix(), "", null, 1);
        final AttemptRequest put = work.put(key, work.body(1), Precondition.NONE);
        try {
            for (final AttemptRequest request : List.of(list, put)) {
                final AttemptResult result = attempts.settled(request);
                if (result instanceof AttemptFailed failed && SHUT_OUT.contains(failed.kind())) {
                    throw new StoreUnusableException(failed.kind(), failed.message());
                }
            }
        } catch (final Stopped e) {
            // Each check says so by itself.
            attempts.deadline(clock.nanoTime(), e.getMessage());
        }
    }

    private CheckResult judge(final Workspace work, final CheckKind kind, final Supplier<Finding> check) {
        final long beginNs = clock.nanoTime();
        CheckStatus status = CheckStatus.SKIPPED;
        String seen = "";
        for (int run = 1; run <= MAX_RUNS; run++) {
            work.begin();
            try {
                attempts.requireGoingOn();
                final Finding finding = check.get();
                status = finding.status();
                seen = finding.seen();
                break;
            } catch (final Broken e) {
                status = kind.weight() == CheckKind.Weight.REQUIRED ? CheckStatus.FAIL : CheckStatus.REMARK;
                seen = e.getMessage();
                break;
            } catch (final Stopped e) {
                seen = "not asked: " + e.getMessage();
                break;
            } catch (final Unjudged e) {
                seen = "could not be judged: " + e.getMessage();
            }
        }
        return new CheckResult(kind, status, seen, (clock.nanoTime() - beginNs) / 1e9);
    }
}
