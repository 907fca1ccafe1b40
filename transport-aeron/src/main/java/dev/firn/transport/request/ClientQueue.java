package dev.firn.transport.request;

import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The requests of one client: queued in the order in which they came, then in progress. Belongs to the server's owner; all
 * memory is made with it.
 */
final class ClientQueue {
    static final int NONE = -1;

    /** Of the map's room at most this much is in use, so that a look finds what it looks for at once. */
    private static final float LOAD = 0.5f;

    private enum State {
        FREE,
        QUEUED,
        /** Over, but its place in the queue has not come up yet. */
        GIVEN_UP,
        IN_PROGRESS
    }

    private final int clientNodeId;
    private final int index;
    private final int maxRequestBytes;
    private final UnsafeBuffer bodies;
    private final State[] states;
    private final long[] requestIds;
    private final long[] deadlinesNs;
    private final int[] kinds;
    private final int[] lengths;

    /** The slots of requests that wait or are in progress; made as large as it can get. */
    private final Long2LongHashMap slotById;

    /** Counts up each time a slot is freed, so that a ticket of before is known as over. */
    private final int[] generations;

    private final int[] freeSlots;
    private int freeCount;

    /** Slots in the order of their arrival, from {@link #head} on, around the end. */
    private final int[] queue;

    private int head;
    private int queued;
    private int inProgress;

    /** The last one, behind those that are queued: of the request that is being answered as it arrives. */
    private final int arrivalSlot;

    ClientQueue(final int clientNodeId, final int index, final RequestServerConfig config) {
        final int slots = config.requestsPerClient();
        this.clientNodeId = clientNodeId;
        this.index = index;
        this.maxRequestBytes = config.maxRequestBytes();
        this.bodies = new UnsafeBuffer(new byte[slots * maxRequestBytes]);
        this.arrivalSlot = slots;
        this.states = new State[slots + 1];
        Arrays.fill(states, State.FREE);
        this.requestIds = new long[slots + 1];
        this.deadlinesNs = new long[slots];
        this.kinds = new int[slots];
        this.lengths = new int[slots];
        this.slotById = new Long2LongHashMap((int) (slots / LOAD) + 1, LOAD, NONE);
        this.generations = new int[slots + 1];
        this.freeSlots = new int[slots];
        Arrays.setAll(freeSlots, i -> slots - 1 - i);
        this.freeCount = slots;
        this.queue = new int[slots];
    }

    int clientNodeId() {
        return clientNodeId;
    }

    /** Its place in the server's list. */
    int index() {
        return index;
    }

    int inProgress() {
        return inProgress;
    }

    boolean isFull() {
        return freeCount == 0;
    }

    boolean isIdle() {
        return freeCount == freeSlots.length;
    }

    /** The slot of a request that waits or is in progress, or {@link #NONE}. */
    int find(final long requestId) {
        return isIdle() ? NONE : (int) slotById.get(requestId);
    }

    /** Whether none waits to be handed out. */
    boolean isQueueEmpty() {
        return queued == 0;
    }

    /** A request is in progress from its arrival on, until it {@link #end}s; it has no body here. */
    int arrive(final long requestId) {
        states[arrivalSlot] = State.IN_PROGRESS;
        requestIds[arrivalSlot] = requestId;
        return arrivalSlot;
    }

    /** Puts a request at the end, when not {@link #isFull}. */
    void add(
            final long requestId,
            final int kind,
            final long deadlineNs,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        final int slot = freeSlots[--freeCount];
        states[slot] = State.QUEUED;
        requestIds[slot] = requestId;
        deadlinesNs[slot] = deadlineNs;
        kinds[slot] = kind;
        lengths[slot] = length;
        bodies.putBytes(slot * maxRequestBytes, buffer, offset, length);
        slotById.put(requestId, slot);
        queue[(head + queued) % queue.length] = slot;
        queued++;
    }

    /** The slot of the request that has waited longest, or {@link #NONE}. */
    int first() {
        while (queued > 0) {
            final int slot = queue[head];
            if (states[slot] == State.QUEUED) {
                return slot;
            }
            unqueue();
            free(slot);
        }
        return NONE;
    }

    /** The {@link #first} one is with the handler. */
    void begin(final int slot) {
        unqueue();
        states[slot] = State.IN_PROGRESS;
        inProgress++;
    }

    /** The handler has not taken it after all: it is the first again. */
    void giveBack(final int slot) {
        head = (head + queue.length - 1) % queue.length;
        queue[head] = slot;
        queued++;
        states[slot] = State.QUEUED;
        inProgress--;
    }

    private void unqueue() {
        head = (head + 1) % queue.length;
        queued--;
    }

    boolean isInProgress(final int slot, final int generation) {
        return slot < states.length && states[slot] == State.IN_PROGRESS && generations[slot] == generation;
    }

    boolean isInProgress(final int slot) {
        return states[slot] == State.IN_PROGRESS;
    }

    /** A request is over: answered, cancelled, or out of time. */
    void end(final int slot) {
        if (slot == arrivalSlot) {
            states[slot] = State.FREE;
            generations[slot]++;
            return;
        }
        slotById.remove(requestIds[slot]);
        if (states[slot] == State.QUEUED) {
            states[slot] = State.GIVEN_UP;
        } else {
            inProgress--;
            free(slot);
        }
    }

    private void free(final int slot) {
        states[slot] = State.FREE;
        generations[slot]++;
        freeSlots[freeCount++] = slot;
    }

    /** A slot from {@code from} on whose request's time is over, or {@link #NONE}. */
    int nextExpired(final int from, final long nowNs) {
        for (int slot = from; slot < arrivalSlot; slot++) {
            if ((states[slot] == State.QUEUED || states[slot] == State.IN_PROGRESS) && nowNs - deadlinesNs[slot] >= 0) {
                return slot;
            }
        }
        return NONE;
    }

    int generation(final int slot) {
        return generations[slot];
    }

    long requestId(final int slot) {
        return requestIds[slot];
    }

    int kind(final int slot) {
        return kinds[slot];
    }

    int length(final int slot) {
        return lengths[slot];
    }

    DirectBuffer bodies() {
        return bodies;
    }

    int bodyOffset(final int slot) {
        return slot * maxRequestBytes;
    }
}
