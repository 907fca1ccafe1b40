/**
 * The page service: pages, sizes and small files of timelines at an LSN, asked for by SBE messages ({@code pages.xml}) within the
 * envelope of {@code dev.firn.transport.request}.
 *
 * <p>{@link dev.firn.pagestore.service.PageService} answers; what it answers with it reads through {@link
 * dev.firn.pagestore.service.PageReads}, which the shard implements. {@link dev.firn.pagestore.service.PageClient} asks.
 *
 * <p><b>Owner:</b> a service belongs to the shard's agent, a client to the agent that owns its endpoint. Both run on the simulated
 * network as well.
 *
 * <p><b>Invariants:</b> a request is answered at an LSN that the timeline has ingested, and that its answer names, or refused with a
 * reason and a sentence. A page is written once: from where redo left it into the outgoing log. Asking for a page, and answering,
 * allocate nothing. The number of requests that wait or are in progress is limited.
 *
 * <p>Read {@link dev.firn.pagestore.service.PageReads} first.
 */
package dev.firn.pagestore.service;
