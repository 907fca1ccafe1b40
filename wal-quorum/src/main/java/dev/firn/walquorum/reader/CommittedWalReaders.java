package dev.firn.walquorum.reader;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.MessageHandler;
import dev.firn.nativeio.seam.Clock;
import dev.firn.walquorum.wire.LogDescription;
import dev.firn.walquorum.wire.QuorumMessageHandler;
import dev.firn.walquorum.wire.QuorumMessageReader;
import dev.firn.walquorum.wire.QuorumMessageWriter;
import dev.firn.walquorum.wire.Refusal;
import java.util.List;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;

/**
 * The readers of committed WAL that share an endpoint: part of the agent that owns it.
 *
 * <p>Call {@link #doWork} in each duty cycle. Where other protocols use the same endpoint, its owner polls it and gives messages of
 * the quorum to {@link #onMessage}; then {@link #moveOn} takes the place of {@link #doWork}.
 */
public final class CommittedWalReaders implements AutoCloseable {
    private final Endpoint endpoint;
    private final OffHeapMemory memory;
    private final Clock clock;
    private final RandomGenerator random;
    private final ReaderConfig config;
    private final QuorumMessageWriter writer = new QuorumMessageWriter();
    private final QuorumMessageReader messages = new QuorumMessageReader();
    private final MessageHandler onMessage = this::onMessage;
    private final Dispatch dispatch = new Dispatch();
    private CommittedWalReader[] readers = {};
    private long nowNs;

    /** @param endpoint borrowed, and not closed here. */
    public CommittedWalReaders(
            final Endpoint endpoint,
            final OffHeapMemory memory,
            final Clock clock,
            final RandomGenerator random,
            final ReaderConfig config) {
        this.endpoint = endpoint;
        this.memory = memory;
        this.clock = clock;
        this.random = random;
        this.config = config;
        this.nowNs = clock.nanoTime();
    }

    /**
     * Begins to read a log.
     *
     * @param nodes the WAL nodes that have it, the one to begin with first.
     * @param handler called from {@link #doWork}.
     */
    public CommittedWalReader open(
            final long logId, final List<Integer> nodes, final long fromLsn, final WalHandler handler) {
        final CommittedWalReader reader = new CommittedWalReader(
                this,
                endpoint,
                writer,
                memory,
                config,
                logId,
                random.nextLong(1, Long.MAX_VALUE),
                nodes.stream().mapToInt(Integer::intValue).toArray(),
                fromLsn,
                handler,
                clock.nanoTime());
        final CommittedWalReader[] more = java.util.Arrays.copyOf(readers, readers.length + 1);
        more[readers.length] = reader;
        readers = more;
        return reader;
    }

    /** Takes messages, hands WAL on, and tells nodes how far the readers are; returns how much was done. */
    public int doWork() {
        return endpoint.poll(onMessage, config.messagesPerCycle()) + moveOn();
    }

    /** What {@link #doWork} does beside taking messages. */
    public int moveOn() {
        nowNs = clock.nanoTime();
        int work = 0;
        for (final CommittedWalReader reader : readers) {
            work += reader.doWork(nowNs);
        }
        return work;
    }

    /** Takes one message; what is not for readers is passed over. */
    public void onMessage(final int from, final DirectBuffer buffer, final int offset, final int length) {
        messages.read(from, buffer, offset, length, dispatch);
    }

    /** Closes all readers. */
    @Override
    public void close() {
        for (final CommittedWalReader reader : readers) {
            reader.close();
        }
    }

    void onClosed(final CommittedWalReader closed) {
        readers = java.util.Arrays.stream(readers)
                .filter(reader -> reader != closed)
                .toArray(CommittedWalReader[]::new);
    }

    private CommittedWalReader find(final long readerId, final long logId) {
        for (final CommittedWalReader reader : readers) {
            if (reader.readerId() == readerId && reader.logId() == logId) {
                return reader;
            }
        }
        return null;
    }

    private final class Dispatch implements QuorumMessageHandler {
        @Override
        public void onWalChunk(
                final int from,
                final long logId,
                final long readerId,
                final long beginLsn,
                final long committedLsn,
                final DirectBuffer buffer,
                final int offset,
                final int length) {
            final CommittedWalReader reader = find(readerId, logId);
            if (reader != null) {
                reader.onChunk(from, beginLsn, committedLsn, buffer, offset, length, nowNs);
            }
        }

        /** The request's id is the reader's. */
        @Override
        public void onLogDescription(final int from, final long requestId, final LogDescription description) {
            final CommittedWalReader reader = find(requestId, description.spec().logId());
            if (reader != null) {
                reader.onDescription(from, description, nowNs);
            }
        }

        @Override
        public void onRefused(
                final int from, final long requestId, final long logId, final Refusal refusal, final String sentence) {
            final CommittedWalReader reader = find(requestId, logId);
            if (reader != null) {
                reader.onRefused(from, refusal, sentence, nowNs);
            }
        }
    }
}
