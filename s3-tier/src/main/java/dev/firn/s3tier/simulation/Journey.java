package dev.firn.s3tier.simulation;

import static dev.firn.s3tier.backend.AttemptResult.Effect.NONE;
import static dev.firn.s3tier.backend.AttemptResult.Effect.UNKNOWN;

import dev.firn.nativeio.simulation.ScheduledTask;
import dev.firn.nativeio.simulation.Seeds;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.store.FailureKind;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * One request on its way: sent, arrived (the instant of its effect), answered. The client's buffers are read when it is sent
 * and written when it is answered or cancelled, never after its completion and never after the end of its process.
 */
final class Journey {
    /** Share of refused connections that are refused inside {@code begin}. */
    private static final double AT_ONCE = 0.2;

    /** Share of cancels that are completed in the backend's next turn, not at once. */
    private static final double CANCELLED_LATER = 0.3;

    /** Share of requests that are refused in a burst of throttling. */
    private static final double REFUSED_IN_BURST = 0.8;

    /** Share of doubled writes of which the client gets the second answer: its own first copy may be what refuses it. */
    private static final double SECOND_IS_ANSWERED = 0.5;

    private static final double ASKS_TO_WAIT = 0.3;
    private static final long LONGEST_WAIT_NS = 2_000_000_000L;

    private final SimulatedStore store;
    private final SimulatedBackend client;
    private final Attempt attempt;
    private final AttemptRequest request;
    private final StoreOperation operation;
    private final String subject;
    private final long number;
    private final RandomGenerator random;
    private StoreFault fate;
    private long answerDelayNs;
    private byte[] body;
    private ServerAnswer answer;
    private ScheduledTask departure;
    private ScheduledTask delivery;
    private boolean sent;
    private boolean completed;

    Journey(final SimulatedStore store, final SimulatedBackend client, final Attempt attempt) {
        this.store = store;
        this.client = client;
        this.attempt = attempt;
        this.request = attempt.request();
        this.operation = StoreOperation.of(request);
        this.subject = StoreOperation.subjectOf(request);
        this.number = store.nextRequest();
        this.random = store.random();
    }

    void begin() {
        store.traced(client.node(), "store: begins " + operation + " {}", subject, number, 0);
        long delayNs = store.faults().latency().sampleNs(random);
        if (store.weather().cutOff(client.node())) {
            struck(StoreFault.CONNECTION_REFUSED);
            final AttemptResult refused = failed(FailureKind.UNREACHABLE, NONE, 0, "connection refused");
            if (Seeds.happens(random, AT_ONCE)) {
                complete(refused);
            } else {
                delivery = store.scheduler().schedule(delayNs, () -> deliver(refused));
            }
            return;
        }
        fate = store.fateOf(request);
        if (store.isSlow(subject)) {
            struck(StoreFault.SLOW_KEY);
            delayNs += Seeds.between(random, 0, store.faults().maxSlowNs());
        }
        final long sentNs = Seeds.between(random, 1, Math.max(1, delayNs / 4));
        final long arrivedNs = Seeds.between(random, 0, delayNs / 2);
        answerDelayNs = Math.max(1, delayNs - sentNs - arrivedNs);
        departure = store.scheduler().schedule(sentNs, () -> send(arrivedNs));
    }

    /** Before it was sent: no effect. Afterwards the request goes on, but nobody waits for it. */
    void cancel() {
        if (completed) {
            return;
        }
        if (Seeds.happens(random, CANCELLED_LATER)) {
            client.inNextTurn(this);
        } else {
            completeCancelled();
        }
    }

    /** Returns whether there was something to complete. */
    boolean completeCancelled() {
        if (completed) {
            return false;
        }
        if (client.alive() && answer != null && answer.content() != null) {
            fill(Seeds.between(random, 0, answer.lengthBytes()));
        }
        complete(failed(FailureKind.CANCELLED, sent ? effectIfUnanswered() : NONE, 0, "cancelled"));
        return true;
    }

    private void send(final long arrivedNs) {
        if (!client.alive()) {
            struck(StoreFault.CUT_WHILE_SENDING);
            return;
        }
        sent = true;
        body = switch (request) {
            case AttemptRequest.PutObject put -> copied(put.body());
            case AttemptRequest.UploadPart part -> copied(List.of(part.body()));
            default -> null;
        };
        if (fate == StoreFault.REQUEST_LOST) {
            struck(fate);
            breakOff();
            return;
        }
        if (fate == StoreFault.BODY_CORRUPTED && body.length > 0) {
            struck(fate);
            body[random.nextInt(body.length)] ^= (byte) (1 << random.nextInt(8));
        }
        final long lateNs = Seeds.between(random, 1, store.faults().maxLateNs());
        if (fate == StoreFault.WRITE_LATE) {
            breakOff();
            store.scheduler().schedule(arrivedNs + lateNs, () -> applyUnasked(StoreFault.WRITE_LATE));
            return;
        }
        if (fate == StoreFault.WRITE_DUPLICATED && Seeds.happens(random, SECOND_IS_ANSWERED)) {
            store.scheduler().schedule(arrivedNs, () -> applyUnasked(StoreFault.WRITE_DUPLICATED));
            store.scheduler().schedule(arrivedNs + Seeds.between(random, 1, Math.max(1, answerDelayNs)), this::arrive);
            return;
        }
        if (fate == StoreFault.WRITE_DUPLICATED) {
            store.scheduler().schedule(arrivedNs + lateNs, () -> applyUnasked(StoreFault.WRITE_DUPLICATED));
        }
        store.scheduler().schedule(arrivedNs, this::arrive);
    }

    /** A write of which nobody waits for the answer takes effect. */
    private void applyUnasked(final StoreFault kind) {
        struck(kind);
        apply(Set.of());
    }

    private void arrive() {
        if (store.weather().cutOff(client.node())) {
            struck(StoreFault.REQUEST_LOST);
            breakOff();
            return;
        }
        if (store.weather().throttling() && Seeds.happens(random, REFUSED_IN_BURST)) {
            answerThrottled();
            return;
        }
        switch (fate) {
            case null -> answer(take(Set.of()));
            case THROTTLED -> answerThrottled();
            case ERROR_WITHOUT_EFFECT -> {
                struck(fate);
                answer(failed(FailureKind.STORE_ERROR, effectIfUnanswered(), 0, "500 InternalError"));
            }
            case ERROR_WITH_EFFECT -> {
                struck(fate);
                take(someOfBatch());
                answer(failed(FailureKind.STORE_ERROR, UNKNOWN, 0, "500 InternalError"));
            }
            case CONFLICT -> {
                struck(fate);
                answer(conflict());
            }
            case UPLOAD_FORGOTTEN -> {
                struck(fate);
                final AttemptRequest.CompleteUpload complete = (AttemptRequest.CompleteUpload) request;
                store.server().forgetUpload(complete.key(), complete.uploadId());
                answer(conflict());
            }
            case ANSWER_LOST -> {
                struck(fate);
                take(Set.of());
                breakOff();
            }
            case DELETE_REFUSED -> {
                struck(fate);
                answer(take(someOfBatch()));
            }
            case READ_CUT -> spoilRead(FailureKind.UNREACHABLE, "the answer ended before its body");
            case READ_CORRUPTED -> spoilRead(FailureKind.CORRUPT, "the body does not agree with its checksum");
            default -> answer(take(Set.of()));
        }
    }

    /** The request takes effect, and the server has its answer. */
    private AttemptResult take(final Set<String> refused) {
        answer = apply(refused);
        if (completed && operation.writes()) {
            struck(StoreFault.CANCEL_RACED);
        }
        return answer.result();
    }

    private ServerAnswer apply(final Set<String> refused) {
        int pageLimit = Integer.MAX_VALUE;
        if (fate == StoreFault.PAGE_CUT) {
            struck(fate);
            pageLimit = 1 + random.nextInt(20);
        }
        if (request instanceof AttemptRequest.CompleteUpload complete
                && store.server().remembers(complete.uploadId())) {
            completedAgain(complete);
        }
        final ServerAnswer applied = store.server().apply(request, body, store.epochMs(), pageLimit, refused);
        if (operation.writes()) {
            store.traced(
                    client.node(),
                    "store: applies " + operation + " {} -> "
                            + applied.result().getClass().getSimpleName(),
                    subject,
                    number,
                    0);
        }
        return applied;
    }

    /** Stores differ in whether they know a completed upload again: by chance. */
    private void completedAgain(final AttemptRequest.CompleteUpload complete) {
        if (random.nextBoolean()) {
            struck(StoreFault.COMPLETED_AGAIN);
        } else {
            store.server().forgetCompleted(complete.uploadId());
        }
    }

    private void answer(final AttemptResult result) {
        if (!completed) {
            delivery = store.scheduler().schedule(answerDelayNs, () -> deliver(result));
        }
    }

    private void answerThrottled() {
        struck(StoreFault.THROTTLED);
        final long waitNs = Seeds.happens(random, ASKS_TO_WAIT) ? Seeds.between(random, 0, LONGEST_WAIT_NS) : 0;
        answer(failed(FailureKind.THROTTLED, effectIfUnanswered(), waitNs, "503 SlowDown"));
    }

    private AttemptResult conflict() {
        return failed(FailureKind.STORE_ERROR, NONE, 0, "409 ConditionalRequestConflict");
    }

    /** The client sees the connection break in some time, or nothing until much later. */
    private void breakOff() {
        if (completed) {
            return;
        }
        final long seenNs = Seeds.happens(random, store.faults().silence())
                ? store.faults().silenceNs()
                : Math.max(1, answerDelayNs);
        final AttemptResult broken =
                failed(FailureKind.UNREACHABLE, effectIfUnanswered(), 0, "the connection broke off");
        delivery = store.scheduler().schedule(seenNs, () -> deliver(broken));
    }

    private void spoilRead(final FailureKind kind, final String message) {
        final AttemptResult result = take(Set.of());
        if (answer.content() == null) {
            answer(result);
            return;
        }
        struck(fate);
        answer(failed(kind, NONE, 0, message));
    }

    private void deliver(final AttemptResult result) {
        if (!client.alive()) {
            struck(StoreFault.ANSWER_TO_NOBODY);
            client.onCompleted(this);
            return;
        }
        if (store.weather().cutOff(client.node()) && !(result instanceof AttemptFailed)) {
            struck(StoreFault.ANSWER_LOST);
            complete(failed(FailureKind.UNREACHABLE, effectIfUnanswered(), 0, "the connection broke off"));
            return;
        }
        if (answer != null && answer.content() != null) {
            if (result instanceof AttemptResult.RangeRead) {
                fill(answer.lengthBytes());
            } else {
                fill(Seeds.between(random, 0, answer.lengthBytes() - 1));
                spoil();
            }
        }
        complete(result);
    }

    private void complete(final AttemptResult result) {
        completed = true;
        if (departure != null) {
            departure.cancel();
        }
        if (delivery != null) {
            delivery.cancel();
        }
        store.traced(client.node(), "store: completes {} " + result.getClass().getSimpleName(), subject, number, 0);
        client.onCompleted(this);
        attempt.complete(result);
    }

    private void fill(final long count) {
        final MemorySegment into = ((AttemptRequest.GetRange) request).into();
        if (count > 0) {
            answer.content().copyTo(answer.offset(), into, count);
        }
    }

    /** Some byte of what was to be read is garbage. */
    private void spoil() {
        final MemorySegment into = ((AttemptRequest.GetRange) request).into();
        into.set(ValueLayout.JAVA_BYTE, random.nextLong(answer.lengthBytes()), (byte) random.nextInt());
    }

    /** Each key of a batch is left alone with probability a half. */
    private Set<String> someOfBatch() {
        final Set<String> left = new HashSet<>();
        if (request instanceof AttemptRequest.DeleteBatch batch) {
            for (final String key : batch.keys()) {
                if (random.nextBoolean()) {
                    left.add(key);
                }
            }
        }
        return left;
    }

    private static byte[] copied(final List<MemorySegment> segments) {
        final byte[] all = new byte
                [Math.toIntExact(
                        segments.stream().mapToLong(MemorySegment::byteSize).sum())];
        int offset = 0;
        for (final MemorySegment segment : segments) {
            MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, 0, all, offset, (int) segment.byteSize());
            offset += (int) segment.byteSize();
        }
        return all;
    }

    private Effect effectIfUnanswered() {
        return operation.writes() ? UNKNOWN : NONE;
    }

    private AttemptResult failed(
            final FailureKind kind, final Effect effect, final long retryAfterNs, final String message) {
        return new AttemptFailed(
                kind,
                effect,
                Retry.LATER,
                retryAfterNs,
                operation + " " + subject + ": " + message,
                "simulated-" + number);
    }

    private void struck(final StoreFault fault) {
        store.struck(fault, client.node(), subject, number);
    }
}
