/**
 * Parquet's encodings of the values of one page, as Encodings.md of parquet-format describes them. Read {@link dev.firn.columnar.encoding.PageValues}
 * first, then {@link dev.firn.columnar.encoding.ValueEncoder}.
 *
 * <p>A page is encoded in one go from values that lie close together; so encoders have no state between pages, but for the dictionary, which belongs
 * to a column chunk.
 *
 * <p><b>Owner:</b> one thread, with the scratch memory of one {@link dev.firn.columnar.encoding.ValueEncoder}. <b>Invariants:</b> the same values give
 * the same bytes; nothing is allocated on the heap.
 */
package dev.firn.columnar.encoding;
