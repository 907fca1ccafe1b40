/**
 * Timelines, and the reads of what they keep, at an LSN.
 *
 * <p>{@link dev.firn.pagestore.timeline.Shard} first: an agent that takes the WAL of its timelines ({@code TimelineIngest}) and answers {@link
 * dev.firn.pagestore.service.PageReads}. {@code KeyReads} has the way of a read: page cache, memory tables, layers, parent, base backup, redo. {@code
 * LayerMap} says which layers a key may be in, {@code EntryScan} goes over the classes of keys that are listed, {@code TimelineOpening} brings a
 * timeline from its manifest to where it takes WAL.
 *
 * <p><b>Owner:</b> one thread owns a shard and all that belongs to it. What takes longer than a duty cycle may is the housekeeper's ({@code upkeep}).
 *
 * <p><b>Invariants:</b> a read sees every entry at or below its LSN and none above, whatever is flushed, merged or removed meanwhile: it pins the memory
 * tables and the layer map that it began with, and both are seen at one instant. Nothing that a stored manifest does not say counts as being in
 * layers. Every queue, pool and cache has a limit in {@link dev.firn.pagestore.timeline.ShardConfig}.
 */
package dev.firn.pagestore.timeline;
