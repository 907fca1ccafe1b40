package dev.firn.transport.request;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.Clock;
import dev.firn.transport.codec.request.CancelEncoder;
import dev.firn.transport.codec.request.EntryEncoder;
import dev.firn.transport.codec.request.MessageHeaderDecoder;
import dev.firn.transport.codec.request.MessageHeaderEncoder;
import dev.firn.transport.codec.request.RequestsEncoder;
import dev.firn.transport.codec.request.ResponseDecoder;
import dev.firn.transport.counter.CounterSet;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Asks other nodes.
 *
 * <p>A request has an id of its own: the random number of this client's life, a count, and its slot in the table of what is
 * in flight. So the answer to a request of a former life, or to one that is over, is known as late at one look.
 *
 * <p>Several requests to one node may go in one message: {@link #beginBatch}, {@link #addToBatch} for each, {@link #sendBatch}.
 */
public final class RequestClient {
    static final int SLOT_BITS = 12;

    private static final int LIFE_SHIFT = 32;

    /** How often a slot is used before its ids come again: with this many between, nothing late is left. */
    private static final long USES_MASK = (1L << (LIFE_SHIFT - SLOT_BITS)) - 1;

    /** Deadlines are looked at this often: a request may end so much later than it should. */
    private static final long SWEEP_NS = 1_000_000;

    private static final long FREE = 0;
    private static final int NO_BATCH = -1;

    private final Endpoint endpoint;
    private final Clock clock;
    private final ResponseHandler handler;
    private final CounterSet<RequestClientCounter> counters = new CounterSet<>(RequestClientCounter.values());
    private final long life;

    /** By slot; {@link #FREE} where there is none. */
    private final long[] requestIds;

    private final long[] tokens;
    private final long[] deadlinesNs;
    private final int[] destinations;
    private final int[] freeSlots;
    private int freeCount;
    private long uses;
    private long lastRequestId;
    private long sweptNs;

    private final UnsafeBuffer single = new UnsafeBuffer(new byte[RequestLayout.FIRST_BODY]);
    private final UnsafeBuffer cancel = new UnsafeBuffer(new byte[RequestLayout.CANCEL_LENGTH]);
    private final UnsafeBuffer batch;
    private final RequestsEncoder batchEncoder = new RequestsEncoder();
    private final EntryEncoder entry = new EntryEncoder();
    private final CancelEncoder cancelEncoder = new CancelEncoder();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final ResponseDecoder response = new ResponseDecoder();
    private int batchDestination = NO_BATCH;
    private int batchCount;
    private int batchLength;

    /** @param random draws the number of this client's life. */
    public RequestClient(
            final Endpoint endpoint,
            final Clock clock,
            final RandomGenerator random,
            final RequestClientConfig config,
            final ResponseHandler handler) {
        this.endpoint = endpoint;
        this.clock = clock;
        this.handler = handler;
        // Never 0, so that no id is FREE.
        this.life = (long) (random.nextInt(Integer.MAX_VALUE) + 1) << LIFE_SHIFT;
        this.requestIds = new long[config.maxInFlight()];
        this.tokens = new long[config.maxInFlight()];
        this.deadlinesNs = new long[config.maxInFlight()];
        this.destinations = new int[config.maxInFlight()];
        this.freeSlots = new int[config.maxInFlight()];
        Arrays.setAll(freeSlots, i -> freeSlots.length - 1 - i);
        this.freeCount = freeSlots.length;
        this.batch = new UnsafeBuffer(new byte[config.maxBatchBytes()]);
        this.sweptNs = clock.nanoTime();
        final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
        new RequestsEncoder().wrapAndApplyHeader(single, 0, headerEncoder).count(1);
        batchEncoder.wrapAndApplyHeader(batch, 0, headerEncoder);
        cancelEncoder.wrapAndApplyHeader(cancel, 0, headerEncoder);
    }

    /**
     * Sends one request.
     *
     * @param kind what is asked for, 0 to 65 534.
     * @param timeoutNs how long the answer is waited for.
     * @param token comes back with the answer.
     * @return {@code SENT} when the handler will hear of it; with any other answer it will not. {@code BACK_PRESSURED} also when
     *     too many requests are in flight.
     */
    public SendResult request(
            final int destinationNodeId,
            final int kind,
            final DirectBuffer body,
            final int offset,
            final int length,
            final long timeoutNs,
            final long token) {
        if (freeCount == 0) {
            counters.increment(RequestClientCounter.IN_FLIGHT_FULL);
            return SendResult.BACK_PRESSURED;
        }
        final int slot = freeSlots[freeCount - 1];
        final long requestId = nextIdOf(slot);
        encodeEntry(single, RequestLayout.FIRST_ENTRY, requestId, kind, length, timeoutNs);
        final SendResult result =
                endpoint.send(destinationNodeId, single, 0, RequestLayout.FIRST_BODY, body, offset, length);
        count(result);
        if (result == SendResult.SENT) {
            take(slot, requestId, destinationNodeId, timeoutNs, token);
            counters.increment(RequestClientCounter.REQUESTS);
        }
        return result;
    }

    /** The id of the request that was sent or added last: for {@link #cancel}. */
    public long lastRequestId() {
        return lastRequestId;
    }

    /** Starts a message with several requests to one node; there is one at a time. */
    public void beginBatch(final int destinationNodeId) {
        if (batchDestination != NO_BATCH) {
            throw new IllegalStateException("a batch to node " + batchDestination + " is open: send or drop it first");
        }
        batchDestination = destinationNodeId;
        batchCount = 0;
        batchLength = RequestLayout.FIRST_ENTRY;
    }

    /**
     * Adds a request to the batch; its time runs from now on.
     *
     * @return false when the batch, or the table of requests in flight, is full.
     */
    public boolean addToBatch(
            final int kind,
            final DirectBuffer body,
            final int offset,
            final int length,
            final long timeoutNs,
            final long token) {
        requireBatch();
        final int bodyAt = batchLength + EntryEncoder.BLOCK_LENGTH;
        if (freeCount == 0 || batchCount == RequestsEncoder.countMaxValue() || length > batch.capacity() - bodyAt) {
            counters.increment(RequestClientCounter.IN_FLIGHT_FULL);
            return false;
        }
        final int slot = freeSlots[freeCount - 1];
        final long requestId = nextIdOf(slot);
        encodeEntry(batch, batchLength, requestId, kind, length, timeoutNs);
        batch.putBytes(bodyAt, body, offset, length);
        batchLength = bodyAt + length;
        batchCount++;
        take(slot, requestId, batchDestination, timeoutNs, token);
        return true;
    }

    /** Sends the batch; with any answer but {@code SENT} it stays open, to be sent later or dropped. */
    public SendResult sendBatch() {
        requireBatch();
        batchEncoder.count(batchCount);
        final SendResult result =
                batchCount == 0 ? SendResult.SENT : endpoint.send(batchDestination, batch, 0, batchLength);
        count(result);
        if (result == SendResult.SENT) {
            batchDestination = NO_BATCH;
            counters.add(RequestClientCounter.REQUESTS, batchCount);
            counters.increment(RequestClientCounter.BATCHES);
        }
        return result;
    }

    /** Gives the open batch up: the handler does not hear of its requests. */
    public void dropBatch() {
        requireBatch();
        int at = RequestLayout.FIRST_ENTRY;
        for (int i = 0; i < batchCount; i++) {
            entry.wrap(batch, at);
            final long requestId = batch.getLong(at + EntryEncoder.requestIdEncodingOffset(), EntryEncoder.BYTE_ORDER);
            final int slot = slotOf(requestId);
            if (requestIds[slot] == requestId) {
                free(slot);
            }
            at += EntryEncoder.BLOCK_LENGTH
                    + batch.getInt(at + EntryEncoder.bodyLengthEncodingOffset(), EntryEncoder.BYTE_ORDER);
        }
        batchDestination = NO_BATCH;
    }

    private void requireBatch() {
        if (batchDestination == NO_BATCH) {
            throw new IllegalStateException("no batch is open");
        }
    }

    /**
     * Gives a request up: the handler does not hear of it, and the server is told, if the message finds room.
     *
     * @return false when it is over already.
     */
    public boolean cancel(final long requestId) {
        final int slot = slotOf(requestId);
        if (requestId == FREE || slot >= requestIds.length || requestIds[slot] != requestId) {
            return false;
        }
        final int destinationNodeId = destinations[slot];
        free(slot);
        counters.increment(RequestClientCounter.CANCELLED);
        cancelEncoder.requestId(requestId);
        count(endpoint.send(destinationNodeId, cancel, 0, RequestLayout.CANCEL_LENGTH));
        return true;
    }

    /**
     * Takes a message from the endpoint's poll.
     *
     * @return whether it was an answer; if not, it is for somebody else.
     */
    public boolean onMessage(final int sourceNodeId, final DirectBuffer buffer, final int offset, final int length) {
        if (!RequestLayout.isOurs(header, buffer, offset, length)
                || header.templateId() != ResponseDecoder.TEMPLATE_ID) {
            return false;
        }
        if (!RequestLayout.isReadable(header)) {
            counters.increment(RequestClientCounter.DROPPED_WRONG_VERSION);
        } else if (header.blockLength() != ResponseDecoder.BLOCK_LENGTH || length < RequestLayout.RESPONSE_BODY) {
            counters.increment(RequestClientCounter.DROPPED_MALFORMED);
        } else {
            response.wrap(buffer, offset + RequestLayout.HEADER, ResponseDecoder.BLOCK_LENGTH, header.version());
            onResponse(
                    sourceNodeId, buffer, offset + RequestLayout.RESPONSE_BODY, length - RequestLayout.RESPONSE_BODY);
        }
        return true;
    }

    private void onResponse(final int sourceNodeId, final DirectBuffer buffer, final int offset, final int length) {
        final long requestId = response.requestId();
        final int slot = slotOf(requestId);
        if (requestId == FREE || slot >= requestIds.length || requestIds[slot] != requestId) {
            counters.increment(RequestClientCounter.DROPPED_LATE);
            return;
        }
        if (destinations[slot] != sourceNodeId) {
            counters.increment(RequestClientCounter.DROPPED_MALFORMED);
            return;
        }
        final long token = tokens[slot];
        final int status = response.status();
        free(slot);
        switch (status) {
            case ResponseStatus.OVERLOADED -> {
                counters.increment(RequestClientCounter.REFUSED);
                handler.onFailure(token, RequestFailure.OVERLOADED);
            }
            case ResponseStatus.TOO_LONG -> {
                counters.increment(RequestClientCounter.REFUSED);
                handler.onFailure(token, RequestFailure.TOO_LONG);
            }
            default -> {
                counters.increment(RequestClientCounter.RESPONSES);
                handler.onResponse(token, sourceNodeId, status, buffer, offset, length);
            }
        }
    }

    /** Ends the requests whose time is over; call it in each duty cycle. Returns how many. */
    public int doWork() {
        final long nowNs = clock.nanoTime();
        if (nowNs - sweptNs < SWEEP_NS || freeCount == freeSlots.length) {
            return 0;
        }
        sweptNs = nowNs;
        int ended = 0;
        for (int slot = 0; slot < requestIds.length; slot++) {
            if (requestIds[slot] != FREE && nowNs - deadlinesNs[slot] >= 0) {
                final long token = tokens[slot];
                free(slot);
                counters.increment(RequestClientCounter.TIMED_OUT);
                ended++;
                handler.onFailure(token, RequestFailure.TIMED_OUT);
            }
        }
        return ended;
    }

    /** Requests without an answer yet. */
    public int inFlight() {
        return freeSlots.length - freeCount;
    }

    public CounterSet<RequestClientCounter> counters() {
        return counters;
    }

    private void encodeEntry(
            final UnsafeBuffer buffer,
            final int offset,
            final long requestId,
            final int kind,
            final int length,
            final long timeoutNs) {
        entry.wrap(buffer, offset)
                .requestId(requestId)
                .timeoutUs(RequestLayout.timeoutUs(timeoutNs))
                .bodyLength(length)
                .kind(kind);
    }

    private long nextIdOf(final int slot) {
        return life | (uses + 1 & USES_MASK) << SLOT_BITS | slot;
    }

    private static int slotOf(final long requestId) {
        return (int) requestId & (1 << SLOT_BITS) - 1;
    }

    private void take(
            final int slot, final long requestId, final int destinationNodeId, final long timeoutNs, final long token) {
        freeCount--;
        uses++;
        requestIds[slot] = requestId;
        tokens[slot] = token;
        deadlinesNs[slot] = clock.nanoTime() + timeoutNs;
        destinations[slot] = destinationNodeId;
        lastRequestId = requestId;
    }

    private void free(final int slot) {
        requestIds[slot] = FREE;
        freeSlots[freeCount++] = slot;
    }

    private void count(final SendResult result) {
        switch (result) {
            case BACK_PRESSURED -> counters.increment(RequestClientCounter.BACK_PRESSURED);
            case NOT_CONNECTED -> counters.increment(RequestClientCounter.NOT_CONNECTED);
            case SENT, CLOSED -> {}
        }
    }
}
