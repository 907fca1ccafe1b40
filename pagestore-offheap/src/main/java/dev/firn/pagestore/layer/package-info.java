/**
 * Layers: immutable sorted files of entries, byte by byte described in {@code docs/page-layers.md}. Read {@link dev.firn.pagestore.layer.LayerWriter}
 * first, then {@link dev.firn.pagestore.layer.LayerIndex} and {@link dev.firn.pagestore.layer.LayerBlock}.
 *
 * <p><b>Owner.</b> An open index is immutable and may be asked by any thread; everything else belongs to the one thread that made it. Nothing blocks:
 * sinks, reads and merges say when they have no room or no entry yet, and whoever drives them polls what is behind them ({@link
 * dev.firn.pagestore.layer.LayerUpload}, {@link dev.firn.pagestore.layer.LayerReads}).
 *
 * <p><b>Invariants.</b> Entries are in order, within a layer and in all that merges them. Each byte is under a checksum that knows timeline, layer and
 * place; every number is checked before it is used, and what is wrong is a {@link dev.firn.pagestore.layer.MalformedLayerException}. The same entries and
 * configuration give the same bytes. Looking a key up, decoding a block and going over it allocate nothing.
 */
package dev.firn.pagestore.layer;
