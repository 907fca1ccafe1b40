package dev.firn.transport.request;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.MessageClaim;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.Clock;
import dev.firn.transport.codec.request.CancelDecoder;
import dev.firn.transport.codec.request.EntryDecoder;
import dev.firn.transport.codec.request.MessageHeaderDecoder;
import dev.firn.transport.codec.request.MessageHeaderEncoder;
import dev.firn.transport.codec.request.RequestsDecoder;
import dev.firn.transport.codec.request.ResponseEncoder;
import dev.firn.transport.counter.CounterSet;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Answers the requests of other nodes.
 *
 * <p>Each client has a queue of its own. {@link #doWork} hands requests out one client after the other, one each, so that what
 * a client waits for depends on how many clients there are, not on how much they ask for.
 */
public final class RequestServer {
    private static final int CLIENT_SHIFT = 16;
    private static final int GENERATION_SHIFT = 32;
    private static final int MASK = 0xFFFF;

    /** Deadlines are looked at this often. */
    private static final long SWEEP_NS = 1_000_000;

    /** Most requests that are answered as they arrive, a duty cycle: what others have queued has its turn soon. */
    private static final int MAX_ON_ARRIVAL = 64;

    private final Endpoint endpoint;
    private final Clock clock;
    private final RequestServerConfig config;
    private final RequestHandler handler;
    private final CounterSet<RequestServerCounter> counters = new CounterSet<>(RequestServerCounter.values());
    private final Int2ObjectHashMap<ClientQueue> byNode = new Int2ObjectHashMap<>();

    /** The same as in the map, in the order of their first request. */
    private final List<ClientQueue> clients = new ArrayList<>();

    /** Whose turn it is. */
    private int turn;

    /** How many were answered as they arrived, in this duty cycle. */
    private int onArrival;

    private long sweptNs;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final RequestsDecoder requests = new RequestsDecoder();
    private final EntryDecoder entry = new EntryDecoder();
    private final CancelDecoder cancel = new CancelDecoder();
    private final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
    private final ResponseEncoder response = new ResponseEncoder();
    private final UnsafeBuffer head = new UnsafeBuffer(new byte[RequestLayout.RESPONSE_BODY]);
    private final MessageClaim outer = new MessageClaim();
    private final MessageClaim.Room room = new MessageClaim.Room() {
        @Override
        public void commit() {
            outer.commit();
            endTicket(claimedTicket);
            counters.increment(RequestServerCounter.RESPONSES);
        }

        @Override
        public void abort() {
            outer.abort();
        }
    };

    /** Whose answer is being written in place. */
    private long claimedTicket;

    public RequestServer(
            final Endpoint endpoint,
            final Clock clock,
            final RequestServerConfig config,
            final RequestHandler handler) {
        this.endpoint = endpoint;
        this.clock = clock;
        this.config = config;
        this.handler = handler;
        this.sweptNs = clock.nanoTime();
    }

    /** Longest answer that {@link #claim} takes. */
    public int maxClaimLength() {
        return endpoint.maxClaimLength() - RequestLayout.RESPONSE_BODY;
    }

    /** Longest answer that {@link #respond} takes. */
    public int maxResponseLength() {
        return endpoint.maxMessageLength() - RequestLayout.RESPONSE_BODY;
    }

    /**
     * Takes a message from the endpoint's poll.
     *
     * @return whether it was a client's; if not, it is for somebody else.
     */
    public boolean onMessage(final int sourceNodeId, final DirectBuffer buffer, final int offset, final int length) {
        if (!RequestLayout.isOurs(header, buffer, offset, length)) {
            return false;
        }
        final int template = header.templateId();
        if (template != RequestsDecoder.TEMPLATE_ID && template != CancelDecoder.TEMPLATE_ID) {
            return false;
        }
        if (!RequestLayout.isReadable(header)) {
            counters.increment(RequestServerCounter.DROPPED_WRONG_VERSION);
        } else if (template == CancelDecoder.TEMPLATE_ID) {
            onCancel(sourceNodeId, buffer, offset, length);
        } else if (header.blockLength() != RequestsDecoder.BLOCK_LENGTH || length < RequestLayout.FIRST_ENTRY) {
            counters.increment(RequestServerCounter.DROPPED_MALFORMED);
        } else {
            requests.wrap(buffer, offset + RequestLayout.HEADER, RequestsDecoder.BLOCK_LENGTH, header.version());
            onRequests(sourceNodeId, requests.count(), buffer, offset + RequestLayout.FIRST_ENTRY, offset + length);
        }
        return true;
    }

    /** The requests before a malformed one count; what follows it cannot be told apart. */
    private void onRequests(
            final int sourceNodeId, final int count, final DirectBuffer buffer, final int offset, final int end) {
        final ClientQueue client = clientOf(sourceNodeId);
        if (client == null) {
            counters.increment(RequestServerCounter.DROPPED_UNKNOWN_CLIENT);
            return;
        }
        int at = offset;
        for (int i = 0; i < count; i++) {
            if (end - at < EntryDecoder.BLOCK_LENGTH) {
                counters.increment(RequestServerCounter.DROPPED_MALFORMED);
                return;
            }
            entry.wrap(buffer, at, EntryDecoder.BLOCK_LENGTH, header.version());
            at += EntryDecoder.BLOCK_LENGTH;
            final long bodyLength = entry.bodyLength();
            if (entry.requestId() == 0 || bodyLength > end - at) {
                counters.increment(RequestServerCounter.DROPPED_MALFORMED);
                return;
            }
            onRequest(client, buffer, at, (int) bodyLength);
            at += (int) bodyLength;
        }
        if (at != end) {
            counters.increment(RequestServerCounter.DROPPED_MALFORMED);
        }
    }

    /** Null when there are too many. */
    private ClientQueue clientOf(final int nodeId) {
        ClientQueue client = byNode.get(nodeId);
        if (client == null && clients.size() < config.maxClients()) {
            client = new ClientQueue(nodeId, clients.size(), config);
            byNode.put(nodeId, client);
            clients.add(client);
        }
        return client;
    }

    private void onRequest(final ClientQueue client, final DirectBuffer buffer, final int offset, final int length) {
        final long requestId = entry.requestId();
        if (length > config.maxRequestBytes()) {
            counters.increment(RequestServerCounter.REFUSED_TOO_LONG);
            refuse(client, requestId, ResponseStatus.TOO_LONG);
        } else if (client.find(requestId) != ClientQueue.NONE) {
            counters.increment(RequestServerCounter.DROPPED_DUPLICATE);
        } else if (answeredOnArrival(client, requestId, buffer, offset, length)) {
            onArrival++;
            counters.increment(RequestServerCounter.ANSWERED_ON_ARRIVAL);
        } else if (client.isFull()) {
            counters.increment(RequestServerCounter.REFUSED_OVERLOADED);
            refuse(client, requestId, ResponseStatus.OVERLOADED);
        } else {
            final long timeoutNs = Math.min(config.maxTimeoutNs(), entry.timeoutUs() * RequestLayout.NANOS_A_MICRO);
            client.add(requestId, entry.kind(), clock.nanoTime() + timeoutNs, buffer, offset, length);
            counters.increment(RequestServerCounter.REQUESTS);
        }
    }

    /** None overtakes another of its client. */
    private boolean answeredOnArrival(
            final ClientQueue client,
            final long requestId,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        if (onArrival == MAX_ON_ARRIVAL || !client.isQueueEmpty()) {
            return false;
        }
        final int slot = client.arrive(requestId);
        final long ticket = ticketOf(client, slot);
        final boolean answered = handler.answerOnArrival(ticket, entry.kind(), buffer, offset, length);
        if (answered != (queueOf(ticket) == null)) {
            throw new IllegalStateException(
                    answered
                            ? "the handler has not answered a request as it arrived, and says it has"
                            : "the handler has answered a request as it arrived, and says it has not");
        }
        if (!answered) {
            client.end(slot);
        }
        return answered;
    }

    /** If it finds no room, the client's time-out says the same, later. */
    private void refuse(final ClientQueue client, final long requestId, final int status) {
        encodeHead(requestId, status);
        endpoint.send(client.clientNodeId(), head, 0, RequestLayout.RESPONSE_BODY);
    }

    private void onCancel(final int sourceNodeId, final DirectBuffer buffer, final int offset, final int length) {
        if (header.blockLength() != CancelDecoder.BLOCK_LENGTH || length != RequestLayout.CANCEL_LENGTH) {
            counters.increment(RequestServerCounter.DROPPED_MALFORMED);
            return;
        }
        cancel.wrap(buffer, offset + RequestLayout.HEADER, CancelDecoder.BLOCK_LENGTH, header.version());
        final ClientQueue client = byNode.get(sourceNodeId);
        final int slot = client == null ? ClientQueue.NONE : client.find(cancel.requestId());
        if (slot != ClientQueue.NONE) {
            counters.increment(RequestServerCounter.CANCELLED);
            abandon(client, slot);
        }
    }

    private void abandon(final ClientQueue client, final int slot) {
        final boolean wasInProgress = client.isInProgress(slot);
        final long ticket = ticketOf(client, slot);
        client.end(slot);
        if (wasInProgress) {
            handler.onAbandoned(ticket);
        }
    }

    /**
     * Hands out what waits and ends what is out of time; call it in each duty cycle.
     *
     * @param limit most requests that are handed out.
     * @return how much was done.
     */
    public int doWork(final int limit) {
        onArrival = 0;
        int done = sweep();
        int handedOut = 0;
        int without = 0;
        final int count = clients.size();
        while (handedOut < limit && without < count) {
            turn = turn + 1 < count ? turn + 1 : 0;
            final ClientQueue client = clients.get(turn);
            final int slot = client.inProgress() < config.inProgressPerClient() ? client.first() : ClientQueue.NONE;
            if (slot == ClientQueue.NONE) {
                without++;
                continue;
            }
            without = 0;
            if (!handOut(client, slot)) {
                // Next time it is this client's turn again.
                turn = turn == 0 ? count - 1 : turn - 1;
                break;
            }
            handedOut++;
        }
        done += handedOut;
        return done;
    }

    private boolean handOut(final ClientQueue client, final int slot) {
        client.begin(slot);
        final long ticket = ticketOf(client, slot);
        final boolean taken = handler.onRequest(
                ticket,
                client.clientNodeId(),
                client.kind(slot),
                client.bodies(),
                client.bodyOffset(slot),
                client.length(slot));
        if (!taken) {
            if (queueOf(ticket) == null) {
                throw new IllegalStateException("the handler has answered a request and yet not taken it");
            }
            client.giveBack(slot);
        }
        return taken;
    }

    private int sweep() {
        if (isIdle()) {
            return 0;
        }
        final long nowNs = clock.nanoTime();
        if (nowNs - sweptNs < SWEEP_NS) {
            return 0;
        }
        sweptNs = nowNs;
        int ended = 0;
        for (int i = 0; i < clients.size(); i++) {
            final ClientQueue client = clients.get(i);
            if (client.isIdle()) {
                continue;
            }
            int slot = client.nextExpired(0, nowNs);
            while (slot != ClientQueue.NONE) {
                counters.increment(RequestServerCounter.TIMED_OUT);
                abandon(client, slot);
                ended++;
                slot = client.nextExpired(slot + 1, nowNs);
            }
        }
        return ended;
    }

    private boolean isIdle() {
        for (int i = 0; i < clients.size(); i++) {
            if (!clients.get(i).isIdle()) {
                return false;
            }
        }
        return true;
    }

    /**
     * Answers a request.
     *
     * @param status {@link ResponseStatus#OK}, or the protocol's own.
     * @return {@code SENT} when the ticket is over; {@code CLOSED} when it was over before, or the endpoint is closed. With any
     *     other answer the ticket stays, to be tried again in a later duty cycle until the request's time is over.
     */
    public SendResult respond(
            final long ticket, final int status, final DirectBuffer body, final int offset, final int length) {
        final ClientQueue client = queueOf(ticket);
        if (client == null) {
            return SendResult.CLOSED;
        }
        encodeHead(client.requestId(slotOf(ticket)), status);
        final SendResult result =
                endpoint.send(client.clientNodeId(), head, 0, RequestLayout.RESPONSE_BODY, body, offset, length);
        count(result);
        if (result == SendResult.SENT) {
            endTicket(ticket);
            counters.increment(RequestServerCounter.RESPONSES);
        }
        return result;
    }

    /**
     * Asks for room for an answer that is written in place: see {@link Endpoint#claim}. The ticket is over when the claim is
     * committed.
     *
     * @return as of {@link #respond}.
     */
    public SendResult claim(final long ticket, final int status, final int length, final MessageClaim claim) {
        final ClientQueue client = queueOf(ticket);
        if (client == null) {
            return SendResult.CLOSED;
        }
        final SendResult result = endpoint.claim(client.clientNodeId(), RequestLayout.RESPONSE_BODY + length, outer);
        count(result);
        if (result == SendResult.SENT) {
            claimedTicket = ticket;
            encodeHead(client.requestId(slotOf(ticket)), status);
            outer.buffer().putBytes(0, head, 0, RequestLayout.RESPONSE_BODY);
            claim.open(room, outer.buffer(), RequestLayout.RESPONSE_BODY, length);
        }
        return result;
    }

    /** Ends a ticket without an answer: the client's time-out tells it. */
    public void drop(final long ticket) {
        endTicket(ticket);
    }

    /** Whether somebody still waits for the answer. */
    public boolean isOpen(final long ticket) {
        return queueOf(ticket) != null;
    }

    public CounterSet<RequestServerCounter> counters() {
        return counters;
    }

    private void endTicket(final long ticket) {
        final ClientQueue client = queueOf(ticket);
        if (client != null) {
            client.end(slotOf(ticket));
        }
    }

    private long ticketOf(final ClientQueue client, final int slot) {
        return (long) client.generation(slot) << GENERATION_SHIFT | (long) client.index() << CLIENT_SHIFT | slot;
    }

    private static int slotOf(final long ticket) {
        return (int) ticket & MASK;
    }

    /** Null when the ticket is over. */
    private ClientQueue queueOf(final long ticket) {
        final int index = (int) (ticket >>> CLIENT_SHIFT) & MASK;
        if (index >= clients.size()) {
            return null;
        }
        final ClientQueue client = clients.get(index);
        return client.isInProgress(slotOf(ticket), (int) (ticket >>> GENERATION_SHIFT)) ? client : null;
    }

    private void encodeHead(final long requestId, final int status) {
        response.wrapAndApplyHeader(head, 0, headerEncoder).requestId(requestId).status(status);
    }

    private void count(final SendResult result) {
        if (result == SendResult.BACK_PRESSURED || result == SendResult.NOT_CONNECTED) {
            counters.increment(RequestServerCounter.BACK_PRESSURED);
        }
    }
}
