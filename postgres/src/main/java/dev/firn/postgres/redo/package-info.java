/**
 * Redo: what a WAL record does to relation pages.
 *
 * <p>{@link dev.firn.postgres.redo.Redo} answers for every built-in resource manager which pages a record touches
 * ({@link dev.firn.postgres.redo.TouchedPages}: from the record alone), and changes one page, given that page. Its effect on a page
 * depends on that page and the record only, never on another page: so pages may be rebuilt one by one, in any order. What a
 * record does to anything else is in {@code dev.firn.postgres.effect}.
 *
 * <p>The rules that hold for all records are in {@code Redo}: the LSN test, images, pages that the record makes new, the page's new LSN,
 * the visibility map. What a kind of record does is in the packages below, one for each access method, behind {@code PageRedo}.
 * {@code ConsistencyCheck} compares pages with the images of {@code wal_consistency_checking}, under the masks ({@code PageMask}) of
 * each.
 *
 * <p>Nothing here allocates, blocks or keeps a page. One thread owns an instance. Bytes that no Postgres wrote give a
 * {@link dev.firn.postgres.redo.RedoException} that names record, relation and block; the page's content is undefined then.
 */
package dev.firn.postgres.redo;
