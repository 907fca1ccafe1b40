package dev.firn.s3tier.session;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.HeadOutcome;
import dev.firn.s3tier.store.ListOutcome;
import dev.firn.s3tier.store.ListRequest;
import dev.firn.s3tier.store.MultipartUpload;
import dev.firn.s3tier.store.ObjectKeys;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.OutcomeHandler;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.RangeTarget;
import dev.firn.s3tier.store.StoreCall;
import dev.firn.s3tier.store.StoreOutcome;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.SweepOutcome;
import dev.firn.s3tier.store.WriteCondition;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/** Takes the calls of one thread, and refuses what makes no sense; its {@link Conductor} moves them. */
final class Session implements StoreSession {
    private static final long NANOS_A_MILLISECOND = 1_000_000L;

    /** Said of {@link ObjectVersion#replaced}. */
    static final String REPLACED_BEFORE = "the version expected had been replaced before its etag was known";

    private final SessionStore store;
    private final Conductor conductor;

    Session(final SessionStore store) {
        this.store = store;
        this.conductor = new Conductor(store);
    }

    @Override
    public StoreCall put(
            final String key,
            final List<MemorySegment> body,
            final WriteCondition condition,
            final CallOptions options,
            final OutcomeHandler<? super PutOutcome> handler) {
        check(key, handler);
        body.forEach(Requests::requireNative);
        final long length = Requests.lengthOf(body);
        if (length > store.limits().maxPutBytes()) {
            throw new IllegalArgumentException("a put of " + length + " bytes is longer than "
                    + store.limits().maxPutBytes() + ": upload it in parts");
        }
        final WriteName name = WriteName.of(store.randomness().writeName(), condition);
        if (name.expectsReplaced()) {
            return settled(new PutOutcome.PreconditionFailed(REPLACED_BEFORE), options, handler);
        }
        final AttemptRequest put = new AttemptRequest.PutObject(
                key, List.copyOf(body), checksumOf(body), name.precondition(), name.stamp());
        return conductor.begin(new WriteCall(conductor, key, name, null, put, options.timeoutNs(), handler));
    }

    @Override
    public MultipartUpload openUpload(final String key, final WriteCondition condition) {
        conductor.checkUsable();
        conductor.requireRoomForUpload();
        ObjectKeys.requireValid(key);
        return new Upload(conductor, key, WriteName.of(store.randomness().writeName(), condition));
    }

    @Override
    public StoreCall get(
            final String key,
            final long offset,
            final MemorySegment into,
            final ObjectVersion version,
            final CallOptions options,
            final OutcomeHandler<? super GetOutcome> handler) {
        check(key, handler);
        checkRange(offset, into);
        if (version != null && version.isReplaced()) {
            return settled(new GetOutcome.VersionChanged(REPLACED_BEFORE), options, handler);
        }
        return single(
                new AttemptRequest.GetRange(key, offset, into, version == null ? null : version.etag()),
                options,
                result -> Answers.ofGet(key, result),
                handler);
    }

    @Override
    public StoreCall getRanges(
            final String key,
            final List<RangeTarget> ranges,
            final ObjectVersion version,
            final CallOptions options,
            final OutcomeHandler<? super GetOutcome> handler) {
        check(key, handler);
        if (ranges.isEmpty()) {
            throw new IllegalArgumentException("no ranges to read of " + key);
        }
        for (final RangeTarget range : ranges) {
            checkRange(range.offset(), range.into());
        }
        if (version != null && version.isReplaced()) {
            return settled(new GetOutcome.VersionChanged(REPLACED_BEFORE), options, handler);
        }
        return conductor.begin(
                new RangesCall(conductor, key, List.copyOf(ranges), version, options.timeoutNs(), handler));
    }

    @Override
    public StoreCall head(
            final String key, final CallOptions options, final OutcomeHandler<? super HeadOutcome> handler) {
        check(key, handler);
        return single(new AttemptRequest.HeadObject(key), options, result -> Answers.ofHead(key, result), handler);
    }

    @Override
    public StoreCall list(
            final ListRequest request, final CallOptions options, final OutcomeHandler<? super ListOutcome> handler) {
        check(handler);
        return single(
                new AttemptRequest.ListPage(request.prefix(), request.delimiter(), request.token(), request.maxKeys()),
                options,
                Answers::ofList,
                handler);
    }

    @Override
    public StoreCall delete(
            final String key, final CallOptions options, final OutcomeHandler<? super DeleteOutcome> handler) {
        check(key, handler);
        return single(new AttemptRequest.DeleteObject(key), options, Answers::ofDelete, handler);
    }

    @Override
    public StoreCall deleteAll(
            final List<String> keys, final CallOptions options, final OutcomeHandler<? super DeleteOutcome> handler) {
        check(handler);
        keys.forEach(ObjectKeys::requireValid);
        return conductor.begin(new DeleteAllCall(conductor, List.copyOf(keys), options.timeoutNs(), handler));
    }

    @Override
    public StoreCall abortStaleUploads(
            final String prefix,
            final long olderThanNs,
            final CallOptions options,
            final OutcomeHandler<? super SweepOutcome> handler) {
        check(handler);
        Objects.requireNonNull(prefix, "prefix");
        if (olderThanNs < 0) {
            throw new IllegalArgumentException("an age of " + olderThanNs + " ns makes no sense");
        }
        final long startedBeforeEpochMs = Math.floorDiv(store.clock().epochNs() - olderThanNs, NANOS_A_MILLISECOND);
        return conductor.begin(new SweepCall(conductor, prefix, startedBeforeEpochMs, options.timeoutNs(), handler));
    }

    @Override
    public int room() {
        return conductor.room();
    }

    @Override
    public int inFlight() {
        return conductor.unanswered();
    }

    @Override
    public int poll(final int limit) {
        return conductor.poll(limit);
    }

    @Override
    public void close() {
        conductor.close();
    }

    private <T extends StoreOutcome> StoreCall single(
            final AttemptRequest what,
            final CallOptions options,
            final SingleCall.Answer<T> answer,
            final OutcomeHandler<? super T> handler) {
        return conductor.begin(new SingleCall<>(conductor, what, options.timeoutNs(), answer, handler));
    }

    private <T extends StoreOutcome> StoreCall settled(
            final T outcome, final CallOptions options, final OutcomeHandler<? super T> handler) {
        return conductor.begin(new SettledCall<>(conductor, outcome, options.timeoutNs(), handler));
    }

    private void check(final String key, final OutcomeHandler<?> handler) {
        check(handler);
        ObjectKeys.requireValid(key);
    }

    private void check(final OutcomeHandler<?> handler) {
        conductor.checkUsable();
        conductor.requireRoomToRefuse();
        Objects.requireNonNull(handler, "handler");
    }

    private static void checkRange(final long offset, final MemorySegment into) {
        Requests.requireNative(into);
        if (into.byteSize() == 0 || offset < 0 || offset + into.byteSize() < 0) {
            throw new IllegalArgumentException(
                    "a range of " + into.byteSize() + " bytes from " + offset + " makes no sense");
        }
    }

    private static int checksumOf(final List<MemorySegment> body) {
        int crc = 0;
        for (final MemorySegment segment : body) {
            crc = Crc32c.update(crc, segment, 0, segment.byteSize());
        }
        return crc;
    }
}
