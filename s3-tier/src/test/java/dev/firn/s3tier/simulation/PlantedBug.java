package dev.firn.s3tier.simulation;

import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.backend.StoreBackend;
import dev.firn.s3tier.store.ListOutcome;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.WriteStamp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Mistakes that a session or a backend could make, put between the two: the model test must find each. */
enum PlantedBug {
    NONE,
    /** A write whose answer is missing counts as stored. */
    CLAIMS_STORED_WHEN_UNKNOWN,
    /** A write counts as stored when it is handed over, before it has taken effect. */
    CLAIMS_STORED_WHEN_BEGUN,
    /** A write whose answer is missing is sent again as if it had had no effect, so that its own success looks like a rival's. */
    RETRIES_BLINDLY,
    /** Who wrote what is there is judged by the newest version alone: a write that won and was overtaken counts as lost. */
    JUDGES_BY_NEWEST_VERSION,
    /** A write whose answer is missing counts as refused once a look finds something else there; it may still come. */
    GIVES_UP_WHAT_MAY_COME,
    /** Replacements go out without their condition. */
    DROPS_CONDITIONS,
    /** What was seen once is answered again without asking. */
    REMEMBERS_OLD_VERSIONS,
    /** A read that ended early counts as complete. */
    ACCEPTS_CUT_READS,
    /** A buffer is written to after its call was answered. */
    WRITES_AFTER_THE_ANSWER,
    /** A page that was cut short counts as the last. */
    ENDS_LISTS_EARLY;

    StoreBackend plantedIn(final StoreBackend backend) {
        return this == NONE ? backend : new Flawed(backend, this);
    }

    private static final class Flawed implements StoreBackend {
        private final StoreBackend backend;
        private final PlantedBug bug;
        private final Map<String, AttemptResult> seen = new HashMap<>();
        private MemorySegment answered;

        private Flawed(final StoreBackend backend, final PlantedBug bug) {
            this.backend = backend;
            this.bug = bug;
        }

        @Override
        public String describe() {
            return backend.describe() + ", " + bug;
        }

        @Override
        public StoreLimits limits() {
            return backend.limits();
        }

        @Override
        public String addressOf(final String key) {
            return backend.addressOf(key);
        }

        @Override
        public void begin(final Attempt attempt) {
            final AttemptRequest request = attempt.request();
            if (bug == REMEMBERS_OLD_VERSIONS
                    && request instanceof AttemptRequest.HeadObject head
                    && seen.containsKey(head.key())) {
                attempt.complete(seen.remove(head.key()));
                return;
            }
            if (bug == WRITES_AFTER_THE_ANSWER && answered != null) {
                answered.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
                answered = null;
            }
            final Attempt inner = new Attempt(sent(request), attempt.deadlineNs(), done -> {
                if (attempt.result() == null) {
                    attempt.complete(changed(request, done.result()));
                }
            });
            attempt.backendState(inner);
            backend.begin(inner);
            if (bug == CLAIMS_STORED_WHEN_BEGUN
                    && request instanceof AttemptRequest.PutObject
                    && attempt.result() == null) {
                attempt.complete(new AttemptResult.ObjectWritten("\"soon\""));
            }
        }

        @Override
        public void cancel(final Attempt attempt) {
            if (attempt.backendState() instanceof Attempt inner) {
                backend.cancel(inner);
            }
        }

        @Override
        public int doWork() {
            return backend.doWork();
        }

        @Override
        public void close() {
            backend.close();
        }

        private AttemptRequest sent(final AttemptRequest request) {
            return bug == DROPS_CONDITIONS
                            && request instanceof AttemptRequest.PutObject put
                            && put.precondition() instanceof Precondition.Matches
                    ? new AttemptRequest.PutObject(put.key(), put.body(), put.crc32c(), Precondition.NONE, put.stamp())
                    : request;
        }

        private AttemptResult changed(final AttemptRequest request, final AttemptResult result) {
            final boolean unknown = result instanceof AttemptFailed failed && failed.effect() == Effect.UNKNOWN;
            final boolean conditional = StoreOperation.isConditional(request);
            return switch (bug) {
                case CLAIMS_STORED_WHEN_UNKNOWN ->
                    unknown && request instanceof AttemptRequest.PutObject
                            ? new AttemptResult.ObjectWritten("\"perhaps\"")
                            : result;
                case RETRIES_BLINDLY ->
                    unknown && conditional ? withoutEffect((AttemptFailed) result, Retry.LATER) : result;
                case GIVES_UP_WHAT_MAY_COME ->
                    unknown && conditional ? new AttemptResult.ConditionFailed("something else is there") : result;
                case JUDGES_BY_NEWEST_VERSION ->
                    result instanceof AttemptResult.ObjectFound found
                                    && !found.stamp().writes().isEmpty()
                            ? new AttemptResult.ObjectFound(
                                    found.lengthBytes(),
                                    found.lastModifiedEpochMs(),
                                    found.etag(),
                                    new WriteStamp(
                                            List.of(found.stamp().writes().getFirst()), true))
                            : result;
                case REMEMBERS_OLD_VERSIONS -> {
                    if (request instanceof AttemptRequest.HeadObject head
                            && result instanceof AttemptResult.ObjectFound) {
                        seen.put(head.key(), result);
                    }
                    yield result;
                }
                case ACCEPTS_CUT_READS ->
                    result instanceof AttemptFailed failed
                                    && failed.message().contains("before its body")
                                    && request instanceof AttemptRequest.GetRange get
                            ? new AttemptResult.RangeRead(
                                    get.into().byteSize() / 2, get.into().byteSize() / 2, "\"cut\"", WriteStamp.NONE)
                            : result;
                case WRITES_AFTER_THE_ANSWER -> {
                    answered = request instanceof AttemptRequest.GetRange get ? get.into() : answered;
                    yield result;
                }
                case ENDS_LISTS_EARLY ->
                    result instanceof AttemptResult.PageListed listed
                            ? new AttemptResult.PageListed(new ListOutcome.Listed(
                                    listed.page().objects(), listed.page().commonPrefixes(), null))
                            : result;
                case NONE, CLAIMS_STORED_WHEN_BEGUN, DROPS_CONDITIONS -> result;
            };
        }

        private static AttemptFailed withoutEffect(final AttemptFailed failed, final Retry retry) {
            return new AttemptFailed(
                    failed.kind(), Effect.NONE, retry, failed.retryAfterNs(), failed.message(), failed.requestId());
        }
    }
}
