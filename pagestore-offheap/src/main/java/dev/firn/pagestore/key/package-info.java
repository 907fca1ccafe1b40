/**
 * What a page store keeps, by name: {@link dev.firn.pagestore.key.PageKeys} names pages and all else that has versions, {@link
 * dev.firn.pagestore.key.EntryKind} says what an entry of such a key is. Without state.
 */
package dev.firn.pagestore.key;
