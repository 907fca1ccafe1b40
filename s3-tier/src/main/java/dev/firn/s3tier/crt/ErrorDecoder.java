package dev.firn.s3tier.crt;

import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.AbortUpload;
import dev.firn.s3tier.backend.AttemptRequest.CompleteUpload;
import dev.firn.s3tier.backend.AttemptRequest.DeleteObject;
import dev.firn.s3tier.backend.AttemptRequest.GetRange;
import dev.firn.s3tier.backend.AttemptRequest.HeadObject;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptRequest.PutObject;
import dev.firn.s3tier.backend.AttemptRequest.UploadPart;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.ConditionFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Missing;
import dev.firn.s3tier.backend.AttemptResult.ObjectsDeleted;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.backend.AttemptResult.UploadAborted;
import dev.firn.s3tier.store.FailureKind;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What an error that the store has told means for the attempt: codes and statuses of S3, and of what speaks like it.
 *
 * <p>A 4xx is a refusal: nothing was done. A 5xx says nothing of that. Thread-safe.
 */
final class ErrorDecoder {
    private static final long MAX_RETRY_AFTER_S = 3_600;

    private final CrtConfig config;
    private final Addressing addressing;
    private final Clock clock;
    private final AtomicBoolean credentialsDoubted = new AtomicBoolean();

    ErrorDecoder(final CrtConfig config, final Addressing addressing, final Clock clock) {
        this.config = config;
        this.addressing = addressing;
        this.clock = clock;
    }

    /** Credentials have worked: should they expire, they may be fetched anew once more. */
    void onAccepted() {
        if (credentialsDoubted.get()) {
            credentialsDoubted.set(false);
        }
    }

    /** Once: credentials are fetched anew for the next attempt. Twice in a row: they stay bad. */
    Retry retryOfDoubtedCredentials() {
        return credentialsDoubted.compareAndSet(false, true) ? Retry.LATER : Retry.NEVER;
    }

    AttemptResult decode(final AttemptRequest request, final AnswerHead head, final StoreError error) {
        final AttemptResult byCode = decodeCode(request, head, error);
        return byCode == null ? decodeStatus(request, head, error) : byCode;
    }

    /** What the code says whatever the request was; null when the status decides. */
    private AttemptResult decodeCode(final AttemptRequest request, final AnswerHead head, final StoreError error) {
        return switch (error.code()) {
            case "NoSuchBucket", "InvalidBucketName" ->
                failed(
                        request,
                        head,
                        error,
                        FailureKind.NO_SUCH_PLACE,
                        Retry.NEVER,
                        "there is no bucket " + config.bucket() + " at " + addressing.connectTo()
                                + "; create it, or correct the store's URL");
            case "ExpiredToken", "TokenRefreshRequired" ->
                failed(
                        request,
                        head,
                        error,
                        FailureKind.DENIED,
                        retryOfDoubtedCredentials(),
                        "the session token has expired; renew the credentials");
            case "RequestTimeTooSkewed" ->
                failed(
                        request,
                        head,
                        error,
                        FailureKind.DENIED,
                        Retry.NEVER,
                        "this host's clock and the store's differ" + skew(head) + "; set it by NTP");
            case "SignatureDoesNotMatch" ->
                failed(
                        request,
                        head,
                        error,
                        FailureKind.DENIED,
                        Retry.NEVER,
                        "the secret key does not belong to the access key, or something on the way changes requests");
            case "InvalidAccessKeyId" ->
                failed(
                        request,
                        head,
                        error,
                        FailureKind.DENIED,
                        Retry.NEVER,
                        "the store does not know this access key; check where the credentials come from");
            case "AuthorizationHeaderMalformed", "IllegalLocationConstraintException" -> wrongRegion(head, error);
            case "BadDigest",
                    "InvalidDigest",
                    "XAmzContentChecksumMismatch",
                    "XAmzContentSHA256Mismatch",
                    "ContentSHA256Mismatch" -> damaged(request, head, error);
            case "RequestTimeout", "IncompleteBody" ->
                failed(
                        request,
                        head,
                        error,
                        FailureKind.UNREACHABLE,
                        Retry.LATER,
                        "the request did not arrive in time, or not whole");
            case "QuotaExceeded", "XMinioStorageFull", "InsufficientStorage" ->
                failed(request, head, error, FailureKind.FULL, Retry.NEVER, "the store has no room");
            case "SlowDown", "ServiceUnavailable", "TooManyRequests", "Throttling", "RequestLimitExceeded" ->
                throttled(request, head, error);
            case "NotImplemented" ->
                refused(head, error, "the store does not know this kind of request; firn store check says which");
            default -> null;
        };
    }

    private AttemptResult decodeStatus(final AttemptRequest request, final AnswerHead head, final StoreError error) {
        final int status = error.status();
        return switch (status) {
            case 301, 302, 303, 307, 308 -> wrongRegion(head, error);
            case 401, 403 ->
                failed(request, head, error, FailureKind.DENIED, Retry.NEVER, "these credentials may not do this");
            case 404 -> notFound(request, head, error);
            case 408 ->
                failed(request, head, error, FailureKind.UNREACHABLE, Retry.LATER, "the request came too slowly");
            case 409 -> conflict(request, head, error);
            case 412 -> preconditionFailed(request, head, error);
            case 429, 503 -> throttled(request, head, error);
            case 501 ->
                refused(head, error, "the store does not know this kind of request; firn store check says which");
            case 507 -> failed(request, head, error, FailureKind.FULL, Retry.NEVER, "the store has no room");
            case 400 ->
                error.saysThatAChecksumIsWrong()
                        ? damaged(request, head, error)
                        : refused(head, error, "the store refuses this");
            default ->
                status >= 500
                        ? failed(request, head, error, FailureKind.STORE_ERROR, Retry.LATER, "the store failed")
                        : refused(head, error, "the store refuses this");
        };
    }

    private AttemptResult notFound(final AttemptRequest request, final AnswerHead head, final StoreError error) {
        final String told = error.describe();
        if (error.isForeign()) {
            return failed(
                    request,
                    head,
                    error,
                    FailureKind.NO_SUCH_PLACE,
                    Retry.NEVER,
                    "what answers at " + addressing.connectTo() + " is no object store");
        }
        final boolean upload = error.code().equals("NoSuchUpload");
        return switch (request) {
            case GetRange _, HeadObject _, UploadPart _ -> new Missing(told);
            case DeleteObject _ -> new ObjectsDeleted(List.of());
            case AbortUpload _ -> new UploadAborted();
            case CompleteUpload complete ->
                !upload && complete.precondition() instanceof Precondition.Matches
                        ? new ConditionFailed(told)
                        : new Missing(told);
            case PutObject put when put.precondition() instanceof Precondition.Matches -> new ConditionFailed(told);
            default ->
                failed(
                        request,
                        head,
                        error,
                        FailureKind.NO_SUCH_PLACE,
                        Retry.NEVER,
                        "there is nothing at " + addressing.connectTo() + addressing.bucketPath());
        };
    }

    private AttemptResult conflict(final AttemptRequest request, final AnswerHead head, final StoreError error) {
        // A bare 409 is what some stores send where S3 says ConditionalRequestConflict.
        final boolean mayPass = error.code().isEmpty()
                || error.code().equals("ConditionalRequestConflict")
                || error.code().equals("OperationAborted");
        return failed(
                request,
                head,
                error,
                mayPass ? FailureKind.STORE_ERROR : FailureKind.REJECTED,
                mayPass ? Retry.LATER : Retry.NEVER,
                "another request for the same key is on its way");
    }

    private AttemptResult preconditionFailed(
            final AttemptRequest request, final AnswerHead head, final StoreError error) {
        return switch (request) {
            case PutObject _, CompleteUpload _, GetRange _ -> new ConditionFailed(error.describe());
            default -> refused(head, error, "it was sent without a condition");
        };
    }

    private AttemptResult wrongRegion(final AnswerHead head, final StoreError error) {
        final String header = head.header("x-amz-bucket-region");
        final String region = header == null ? error.region() : header;
        final String what;
        if (region != null && !region.equals(config.region())) {
            what = "the bucket is in region " + region + ", not " + config.region() + "; set region=" + region;
        } else if (error.endpoint() != null) {
            what = "the bucket is served by " + error.endpoint() + "; set it as the endpoint";
        } else {
            final String location = head.header("Location");
            what = location == null
                    ? "the store sends us elsewhere, and does not say where; check endpoint and region"
                    : "the store sends us to " + location + "; set it as the endpoint";
        }
        return refused(head, error, what);
    }

    private AttemptResult damaged(final AttemptRequest request, final AnswerHead head, final StoreError error) {
        return failed(
                request,
                head,
                error,
                FailureKind.CORRUPT,
                Retry.LATER,
                "the bytes that arrived do not have the checksum of those that were sent");
    }

    private AttemptResult throttled(final AttemptRequest request, final AnswerHead head, final StoreError error) {
        return failed(request, head, error, FailureKind.THROTTLED, Retry.LATER, "the store asks to slow down");
    }

    private AttemptFailed refused(final AnswerHead head, final StoreError error, final String what) {
        return new AttemptFailed(
                FailureKind.REJECTED,
                Effect.NONE,
                Retry.NEVER,
                0,
                what + " (" + error.describe() + ")",
                head.requestId());
    }

    private AttemptFailed failed(
            final AttemptRequest request,
            final AnswerHead head,
            final StoreError error,
            final FailureKind kind,
            final Retry retry,
            final String what) {
        final boolean certain = error.status() < 500 || !RequestKinds.isWrite(request);
        return new AttemptFailed(
                kind,
                certain ? Effect.NONE : Effect.UNKNOWN,
                retry,
                retryAfterNs(head),
                what + " (" + error.describe() + ")",
                head.requestId());
    }

    private static long retryAfterNs(final AnswerHead head) {
        final String text = head.header("Retry-After");
        if (text == null || !text.strip().matches("\\d{1,9}")) {
            return 0;
        }
        return TimeUnit.SECONDS.toNanos(Math.min(Long.parseLong(text.strip()), MAX_RETRY_AFTER_S));
    }

    private String skew(final AnswerHead head) {
        final String date = head.header("Date");
        if (date == null) {
            return "";
        }
        try {
            final long theirs = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date))
                    .getEpochSecond();
            final long ours = TimeUnit.NANOSECONDS.toSeconds(clock.epochNs());
            return " by " + Math.abs(ours - theirs) + " seconds";
        } catch (final DateTimeException _) {
            return "";
        }
    }
}
