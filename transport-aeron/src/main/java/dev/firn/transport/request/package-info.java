/**
 * Requests and their answers over an {@link dev.firn.nativeio.network.Endpoint}, whatever they are about: correlation,
 * deadlines, batches, cancellation, limits. Runs on the simulated network as well.
 *
 * <p>A {@link dev.firn.transport.request.RequestClient} sends requests, many in one message if it likes, and hears of each one
 * exactly once: an answer, in any order, or that there will be none. A {@link dev.firn.transport.request.RequestServer} queues
 * what arrives for each client by itself and hands it out in turn, so that a client that asks for much does not hold up
 * one that asks for little; answers may be written in place.
 *
 * <p>Nothing is sent twice by itself: a request or its answer may be lost, and a doubled message may be answered twice, of
 * which the client hears once. Whoever asks for something that changes something makes it idempotent.
 *
 * <p><b>Owner:</b> a client or a server belongs to the agent that owns its endpoint. That agent polls the endpoint, hands each
 * message to {@code onMessage}, and calls {@code doWork} in its duty cycle. Counters may be read from anywhere.
 *
 * <p><b>Invariants:</b> a limited number of requests is in flight, queued and in progress, in memory that is made at the
 * start or when a client is first heard of. Sending, receiving and answering allocate nothing. Messages that are
 * malformed, late or of another version are counted and dropped.
 *
 * <p>Read {@link dev.firn.transport.request.RequestClient} first.
 */
package dev.firn.transport.request;
