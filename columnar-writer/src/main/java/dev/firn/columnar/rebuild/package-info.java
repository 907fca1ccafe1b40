/**
 * The way back: heap pages from the lake's rows, bit for bit.
 *
 * <p>A page is predicted from its rows ({@link dev.firn.columnar.rebuild.PageFormer}: their datums, tuples, line pointers, the page around them), and
 * what the prediction gets wrong is its residue, a row a page in a file beside the rows ({@link dev.firn.columnar.rebuild.ResidueColumn}).
 * {@link dev.firn.columnar.rebuild.ResidueWriter} predicts, and compares what it has not seen to be as predicted
 * ({@link dev.firn.columnar.rebuild.PageShape}, {@link dev.firn.columnar.rebuild.Doubts}); {@link dev.firn.columnar.rebuild.PageRebuilder} predicts
 * and rights. Both predict by the same class from the same columns, so that a page comes back exactly whatever a type's reverse is worth: a wrong or
 * missing one costs bytes, and never a page. docs/lake-files.md has the layout.
 *
 * <p><b>Owner:</b> one thread each. <b>Invariants:</b> no page without the CRC32C that was taken of it; what a residue says is checked before it is
 * used, and wrong is a {@link dev.firn.postgres.MalformedDataException}; nothing is allocated for a page, a row or a value, but for a floating point
 * number within a range, a composite, an array that is no list or a geometric value, which Java parses as a string.
 */
package dev.firn.columnar.rebuild;
