package dev.firn.nvmecache.reader;

import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.HeadOutcome;
import dev.firn.s3tier.store.ListOutcome;
import dev.firn.s3tier.store.ListRequest;
import dev.firn.s3tier.store.MultipartUpload;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.OutcomeHandler;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.RangeTarget;
import dev.firn.s3tier.store.StoreCall;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.SweepOutcome;
import dev.firn.s3tier.store.WriteCondition;
import dev.firn.s3tier.store.WriteStamp;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A store session that answers gets when the test lets it, from objects in memory; it keeps the contract's promises. */
final class ScriptedSession implements StoreSession {
    /** A get as it was asked for. */
    record Get(String key, long offset, long lengthBytes) {}

    final Map<String, byte[]> objects = new HashMap<>();
    final List<Get> gets = new ArrayList<>();
    boolean answering = true;
    int failures;
    int room = 1_000;
    private final ArrayDeque<Call> calls = new ArrayDeque<>();

    private final class Call implements StoreCall {
        private final Get get;
        private final MemorySegment into;
        private final OutcomeHandler<? super GetOutcome> handler;
        private boolean cancelled;
        private boolean answered;

        private Call(final Get get, final MemorySegment into, final OutcomeHandler<? super GetOutcome> handler) {
            this.get = get;
            this.into = into;
            this.handler = handler;
        }

        private void answer() {
            answered = true;
            handler.onOutcome(outcome());
        }

        private GetOutcome outcome() {
            if (cancelled) {
                return new Failed(FailureKind.CANCELLED, "cancelled", "", 1);
            }
            if (failures > 0) {
                failures--;
                return new Failed(FailureKind.STORE_ERROR, "the store is ill", "", 3);
            }
            final byte[] object = objects.get(get.key);
            if (object == null) {
                return new NotFound(get.key);
            }
            if (get.offset >= object.length) {
                return new GetOutcome.OutOfRange(object.length);
            }
            final int count = (int) Math.min(get.lengthBytes, object.length - get.offset);
            MemorySegment.copy(MemorySegment.ofArray(object), get.offset, into, 0, count);
            return new GetOutcome.Fetched(count, object.length, new ObjectVersion("\"1\"", WriteStamp.NONE));
        }

        @Override
        public boolean isAnswered() {
            return answered;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    @Override
    public StoreCall get(
            final String key,
            final long offset,
            final MemorySegment into,
            final ObjectVersion version,
            final CallOptions options,
            final OutcomeHandler<? super GetOutcome> handler) {
        final Call call = new Call(new Get(key, offset, into.byteSize()), into, handler);
        gets.add(call.get);
        calls.add(call);
        return call;
    }

    @Override
    public int poll(final int limit) {
        int done = 0;
        for (int left = calls.size(); left > 0 && done < limit; left--) {
            final Call call = calls.poll();
            if (answering || call.cancelled) {
                call.answer();
                done++;
            } else {
                calls.add(call);
            }
        }
        return done;
    }

    @Override
    public int room() {
        return room - calls.size();
    }

    @Override
    public int inFlight() {
        return calls.size();
    }

    @Override
    public void close() {
        calls.forEach(Call::cancel);
        poll(Integer.MAX_VALUE);
    }

    @Override
    public StoreCall put(
            final String key,
            final List<MemorySegment> body,
            final WriteCondition condition,
            final CallOptions options,
            final OutcomeHandler<? super PutOutcome> handler) {
        throw notRead();
    }

    @Override
    public MultipartUpload openUpload(final String key, final WriteCondition condition) {
        throw notRead();
    }

    @Override
    public StoreCall getRanges(
            final String key,
            final List<RangeTarget> ranges,
            final ObjectVersion version,
            final CallOptions options,
            final OutcomeHandler<? super GetOutcome> handler) {
        throw notRead();
    }

    @Override
    public StoreCall head(
            final String key, final CallOptions options, final OutcomeHandler<? super HeadOutcome> handler) {
        throw notRead();
    }

    @Override
    public StoreCall list(
            final ListRequest request, final CallOptions options, final OutcomeHandler<? super ListOutcome> handler) {
        throw notRead();
    }

    @Override
    public StoreCall delete(
            final String key, final CallOptions options, final OutcomeHandler<? super DeleteOutcome> handler) {
        throw notRead();
    }

    @Override
    public StoreCall deleteAll(
            final List<String> keys, final CallOptions options, final OutcomeHandler<? super DeleteOutcome> handler) {
        throw notRead();
    }

    @Override
    public StoreCall abortStaleUploads(
            final String prefix,
            final long olderThanNs,
            final CallOptions options,
            final OutcomeHandler<? super SweepOutcome> handler) {
        throw notRead();
    }

    private static AssertionError notRead() {
        return new AssertionError("a reader only gets");
    }
}
