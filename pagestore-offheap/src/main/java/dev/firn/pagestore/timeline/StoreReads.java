package dev.firn.pagestore.timeline;

import dev.firn.nvmecache.reader.CachedObject;
import dev.firn.nvmecache.reader.ObjectReadHandler;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.StoreSession;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/** Reads of layers without a cache: where a host has no disk for one, and for who reads each byte once. */
public final class StoreReads implements ObjectReads {
    private static final int MAX_READ_BYTES = 1 << 20;

    private final StoreSession session;
    private final CallOptions options;
    private final ArrayDeque<Answer> answers = new ArrayDeque<>();

    private record Answer(ObjectReadHandler handler, long token, GetOutcome failure) {}

    /** @param session borrowed; polled here. */
    public StoreReads(final StoreSession session, final CallOptions options) {
        this.session = session;
        this.options = options;
    }

    @Override
    public boolean read(
            final CachedObject object,
            final long offset,
            final MemorySegment into,
            final long lengthBytes,
            final ObjectReadHandler handler,
            final long token) {
        if (session.room() == 0) {
            return false;
        }
        final MemorySegment range = lengthBytes == into.byteSize() ? into : into.asSlice(0, lengthBytes);
        session.get(object.key(), offset, range, object.version(), options, outcome -> {
            final boolean whole = outcome instanceof GetOutcome.Fetched fetched && fetched.lengthBytes() == lengthBytes;
            answers.add(new Answer(handler, token, whole ? null : outcome));
        });
        return true;
    }

    @Override
    public int poll(final int limit) {
        int done = session.poll(limit);
        for (int left = limit; left > 0 && !answers.isEmpty(); left--) {
            final Answer answer = answers.poll();
            if (answer.failure == null) {
                answer.handler.onRead(answer.token);
            } else {
                answer.handler.onFailed(answer.token, answer.failure);
            }
            done++;
        }
        return done;
    }

    @Override
    public int maxReadBytes() {
        return MAX_READ_BYTES;
    }
}
