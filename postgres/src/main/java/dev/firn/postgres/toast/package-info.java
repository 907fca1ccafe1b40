/**
 * Values that lie out of line: put together from the chunks of a TOAST table.
 *
 * <p>{@link dev.firn.postgres.toast.ToastTable} first. Chunks are found by the table's own btree, so that memory does not grow with the table and
 * one value costs a few pages, whether all of a relation is read or what has changed of it.
 *
 * <p>One thread owns an instance. Its memory grows to the longest value; chunks are copied once.
 */
package dev.firn.postgres.toast;
