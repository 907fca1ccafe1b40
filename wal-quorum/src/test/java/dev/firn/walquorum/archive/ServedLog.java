package dev.firn.walquorum.archive;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.SendResult;
import dev.firn.walquorum.wire.QuorumMessageHandler;
import dev.firn.walquorum.wire.QuorumMessageReader;
import dev.firn.walquorum.wire.QuorumMessageWriter;
import dev.firn.walquorum.wire.Refusal;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;

/** What a WAL node does for the readers of one log, and nothing else. */
final class ServedLog implements Agent, QuorumMessageHandler {
    private static final int CHUNK_BYTES = 30_000;

    private static final class Reader {
        private int node;
        private int windowBytes;
        private long nextLsn;
        private long receivedLsn;
    }

    private final Endpoint endpoint;
    private final long logId;
    private final LongFunction<byte[]> segments;
    private final LongSupplier committed;
    private final LongSupplier start;
    private final QuorumMessageReader messages = new QuorumMessageReader();
    private final QuorumMessageWriter writer = new QuorumMessageWriter();
    private final Map<Long, Reader> readers = new HashMap<>();
    private int sinceHeartbeat;

    ServedLog(
            final Endpoint endpoint,
            final long logId,
            final LongFunction<byte[]> segments,
            final LongSupplier committed,
            final LongSupplier start) {
        this.endpoint = endpoint;
        this.logId = logId;
        this.segments = segments;
        this.committed = committed;
        this.start = start;
    }

    @Override
    public int doWork() {
        int work =
                endpoint.poll((from, buffer, offset, length) -> messages.read(from, buffer, offset, length, this), 16);
        final boolean heartbeat = ++sinceHeartbeat > 50;
        if (heartbeat) {
            sinceHeartbeat = 0;
        }
        for (final Map.Entry<Long, Reader> reader : readers.entrySet()) {
            work += serve(reader.getKey(), reader.getValue(), heartbeat);
        }
        return work;
    }

    private int serve(final long readerId, final Reader reader, final boolean heartbeat) {
        final long end = Math.min(committed.getAsLong(), reader.receivedLsn + reader.windowBytes);
        final int inSegment = (int) (reader.nextLsn % SyntheticWal.SEGMENT);
        final int length = (int) Math.max(
                0, Math.min(Math.min(end - reader.nextLsn, SyntheticWal.SEGMENT - inSegment), CHUNK_BYTES));
        if (length == 0 && !heartbeat) {
            return 0;
        }
        final int head = writer.walChunk(logId, readerId, reader.nextLsn, committed.getAsLong());
        final byte[] segment = length == 0 ? new byte[0] : segments.apply(reader.nextLsn / SyntheticWal.SEGMENT);
        final UnsafeBuffer body = new UnsafeBuffer(segment);
        if (endpoint.send(reader.node, writer.buffer(), 0, head, body, length == 0 ? 0 : inSegment, length)
                == SendResult.SENT) {
            reader.nextLsn += length;
        }
        return 1;
    }

    @Override
    public void onSubscribe(
            final int from, final long wanted, final long readerId, final long fromLsn, final int windowBytes) {
        if (fromLsn < start.getAsLong()) {
            endpoint.send(
                    from,
                    writer.buffer(),
                    0,
                    writer.refused(readerId, wanted, Refusal.TRIMMED, "what is before is in the archive"));
            return;
        }
        final Reader reader = readers.computeIfAbsent(readerId, id -> new Reader());
        reader.node = from;
        reader.windowBytes = windowBytes;
        reader.nextLsn = fromLsn;
        reader.receivedLsn = fromLsn;
        sinceHeartbeat = 50;
    }

    @Override
    public void onConsumed(
            final int from, final long wanted, final long readerId, final long receivedLsn, final long neededFromLsn) {
        final Reader reader = readers.get(readerId);
        if (reader != null) {
            reader.receivedLsn = Math.max(reader.receivedLsn, receivedLsn);
        }
    }

    @Override
    public void onUnsubscribe(final int from, final long wanted, final long readerId) {
        readers.remove(readerId);
    }

    @Override
    public String roleName() {
        return "served-log";
    }
}
