package dev.firn.s3tier.session;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.MultipartUpload;
import dev.firn.s3tier.store.OutcomeHandler;
import dev.firn.s3tier.store.PartOutcome;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.StoreCall;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;

/**
 * An upload of parts: begun in the store with its first part; completed, when all parts have arrived, by a {@link WriteCall}.
 * Without any part it is the put of an empty object.
 */
final class Upload implements MultipartUpload, Request.Owner {
    /** S3 takes no more parts of one upload; other kinds of store are held to the same. */
    static final int MAX_PARTS = 10_000;

    private final Conductor conductor;
    private final String key;
    private final WriteName name;

    /** By number less one; null until it has arrived. */
    private final List<AttemptRequest.Part> arrived = new ArrayList<>();

    private final List<PartCall> onTheirWay = new ArrayList<>();
    private final Queue<PartCall> waitingForId = new ArrayDeque<>();

    private Request creation;
    private boolean creating;
    private String uploadId;
    private Failed failure;
    private long lengthBytes;
    private boolean hasShortPart;
    private WriteCall completion;
    private PutOutcome completed;
    private AbortCall abort;

    /** Where it stands in the session's list of open uploads. */
    int index = -1;

    Upload(final Conductor conductor, final String key, final WriteName name) {
        this.conductor = conductor;
        this.key = key;
        this.name = name;
    }

    @Override
    public StoreCall part(
            final MemorySegment bytes, final CallOptions options, final OutcomeHandler<? super PartOutcome> handler) {
        requireUsable(handler);
        requireOpen();
        final long length = bytes.byteSize();
        final long most = conductor.limits().maxPartBytes();
        if (length == 0 || length > most) {
            throw new IllegalArgumentException("a part of " + length + " bytes is not within 1.." + most);
        }
        if (hasShortPart) {
            throw new IllegalStateException("only the last part may be shorter than "
                    + conductor.limits().minPartBytes() + " bytes: upload of " + conductor.addressOf(key));
        }
        if (arrived.size() == MAX_PARTS) {
            throw new IllegalStateException(
                    "an upload has at most " + MAX_PARTS + " parts: take longer ones for " + conductor.addressOf(key));
        }
        Requests.requireNative(bytes);
        hasShortPart = length < conductor.limits().minPartBytes();
        arrived.add(null);
        final PartCall call =
                new PartCall(conductor, this, arrived.size(), lengthBytes, bytes, options.timeoutNs(), handler);
        lengthBytes += length;
        onTheirWay.add(call);
        return conductor.begin(call);
    }

    @Override
    public StoreCall complete(final CallOptions options, final OutcomeHandler<? super PutOutcome> handler) {
        requireUsable(handler);
        requireOpen();
        completion = new WriteCall(conductor, key, name, this, null, options.timeoutNs(), handler);
        return conductor.begin(completion);
    }

    @Override
    public StoreCall abort(final CallOptions options, final OutcomeHandler<? super DeleteOutcome> handler) {
        requireUsable(handler);
        if (abort != null && !abort.isFinished()) {
            throw new IllegalStateException("is being aborted already: upload of " + conductor.addressOf(key));
        }
        abort = new AbortCall(conductor, this, options.timeoutNs(), handler);
        return conductor.begin(abort);
    }

    private void requireUsable(final OutcomeHandler<?> handler) {
        conductor.checkUsable();
        conductor.requireRoomToRefuse();
        Objects.requireNonNull(handler, "handler");
    }

    private void requireOpen() {
        if (completion != null || abort != null) {
            throw new IllegalStateException("has been " + (abort != null ? "aborted" : "completed") + ": upload of "
                    + conductor.addressOf(key));
        }
    }

    // ---- parts

    void sendPart(final PartCall part) {
        if (failure != null) {
            part.finish(failure);
        } else if (uploadId != null) {
            part.send(partRequest(part));
        } else {
            waitingForId.add(part);
            if (!creating) {
                creating = true;
                creation = new Request(
                        conductor, new AttemptRequest.CreateUpload(key, name.stamp()), part.deadlineNs(), this);
                creation.start();
            }
        }
    }

    private AttemptRequest.UploadPart partRequest(final PartCall part) {
        return new AttemptRequest.UploadPart(
                key, uploadId, part.partNumber(), part.offset(), part.bytes(), Crc32c.compute(part.bytes()));
    }

    /** The upload has begun in the store, or has not. */
    @Override
    public void onEnded(final Request ended, final AttemptResult result) {
        creating = false;
        switch (result) {
            case AttemptResult.UploadCreated created -> {
                uploadId = created.uploadId();
                conductor.uploadBegun(this);
            }
            case AttemptResult.Missing missing ->
                fail(notBegun(ended, FailureKind.NO_SUCH_PLACE, missing.message(), ""));
            case AttemptFailed failed -> fail(notBegun(ended, failed.kind(), failed.message(), failed.requestId()));
            default -> throw Answers.unfitting("begin of an upload", result);
        }
        while (!waitingForId.isEmpty()) {
            final PartCall part = waitingForId.remove();
            if (!part.isFinished()) {
                sendPart(part);
            }
        }
        moveOn();
    }

    private Failed notBegun(final Request ended, final FailureKind kind, final String message, final String requestId) {
        return new Failed(
                kind,
                Requests.describe(ended.what(), conductor.backend()) + ": " + message,
                requestId,
                ended.attempts());
    }

    void partEnded(final PartCall part, final PartOutcome outcome) {
        onTheirWay.remove(part);
        switch (outcome) {
            case PartOutcome.PartStored stored -> arrived.set(part.partNumber() - 1, part.arrived());
            case Failed failed -> fail(failed);
        }
        moveOn();
    }

    private void fail(final Failed failed) {
        if (failure == null) {
            failure = failed;
        }
        if (creating) {
            creation.stop(failed.kind());
        }
    }

    // ---- its end

    void completeWhenReady(final WriteCall call) {
        moveOn();
    }

    void completionEnded(final PutOutcome outcome) {
        completed = outcome;
        if (outcome instanceof PutOutcome.Stored) {
            conductor.uploadEnded(this);
        } else if (outcome instanceof Failed failed && failure == null) {
            failure = failed;
        }
        moveOn();
    }

    void abortWhenReady(final AbortCall call) {
        if (completion != null) {
            completion.halt(FailureKind.CANCELLED);
        }
        if (creating) {
            creation.stop(FailureKind.CANCELLED);
        }
        for (final PartCall part : List.copyOf(onTheirWay)) {
            part.halt(FailureKind.CANCELLED);
        }
        moveOn();
    }

    void abortEnded() {
        conductor.uploadEnded(this);
    }

    /** Does what waited for the parts, when they have arrived. */
    private void moveOn() {
        if (creating || !onTheirWay.isEmpty()) {
            return;
        }
        if (completion != null && !completion.isFinished() && !completion.isSent()) {
            if (failure != null) {
                completion.finish(failure);
            } else if (name.expectsReplaced()) {
                completion.finish(new PutOutcome.PreconditionFailed(Session.REPLACED_BEFORE));
            } else {
                completion.send(completionRequest());
            }
        } else if (abort != null && !abort.isSent() && (completion == null || completion.isFinished())) {
            abort.send(uploadId == null || completed instanceof PutOutcome.Stored ? null : abortRequest());
        }
    }

    private AttemptRequest completionRequest() {
        return arrived.isEmpty()
                ? new AttemptRequest.PutObject(key, List.of(), 0, name.precondition(), name.stamp())
                : new AttemptRequest.CompleteUpload(
                        key, uploadId, List.copyOf(arrived), name.precondition(), name.stamp());
    }

    AttemptRequest abortRequest() {
        return new AttemptRequest.AbortUpload(key, uploadId);
    }

    /** Whether the session's end gives it up: not when nobody knows whether it was completed. */
    boolean isLeftOver() {
        return uploadId != null
                && !(completed instanceof PutOutcome.Stored)
                && !(completed instanceof PutOutcome.Unknown);
    }
}
