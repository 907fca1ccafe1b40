/**
 * Makes pages of the entries that were kept of them: the redo of the page store.
 *
 * <p>{@link dev.firn.pagestore.rebuild.PageBuilder} first; {@link dev.firn.pagestore.rebuild.Gathered} has the entries of one page.
 *
 * <p><b>Owner:</b> whoever makes one. The shard has its own for reads, the housekeeper its own for images.
 *
 * <p><b>Invariants:</b> the same entries come to the same bytes, whoever applies them; nothing is written but the page.
 */
package dev.firn.pagestore.rebuild;
