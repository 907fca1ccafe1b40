/**
 * Off-heap bytes that grow: {@link dev.firn.columnar.buffer.GrowingBuffer} in one piece, for what is worked on;
 * {@link dev.firn.columnar.buffer.ByteChain} in pieces, for what waits to be written.
 *
 * <p><b>Owner:</b> one thread each. <b>Invariant:</b> every byte comes from the region that was passed in, under a tag, so that its limit is the limit
 * of the writer's memory; a closed one holds nothing.
 */
package dev.firn.columnar.buffer;
