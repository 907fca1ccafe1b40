/**
 * Taking heap tuples apart, column by column: where in the pages each attribute of many rows lies.
 *
 * <p>{@link dev.firn.postgres.tuple.DeformPlan} first. It is compiled once from a relation's attributes, and deforms a
 * {@link dev.firn.postgres.tuple.TupleBatch}, rows of pages that lie in one memory, into {@link dev.firn.postgres.tuple.DeformedRows}: for each
 * attribute an array of positions. What an attribute is gets decided once a batch, and the loops run over rows; as long as attributes
 * have a fixed offset, positions are an addition. {@link dev.firn.postgres.tuple.Detoaster} turns a position into a value's bytes.
 *
 * <p>All belong to one thread; nothing is allocated for a row, a value or a batch. Offsets and lengths that come from a page are checked
 * against the tuple that they are of: what does not fit is a {@link dev.firn.postgres.MalformedDataException} that names block, offset number
 * and attribute.
 */
package dev.firn.postgres.tuple;
