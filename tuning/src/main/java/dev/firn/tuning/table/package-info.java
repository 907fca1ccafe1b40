/**
 * Text tables for a terminal: columns that line up, notes that wrap, colour only when asked for.
 *
 * <p><b>Owner:</b> a {@link dev.firn.tuning.table.TextTable} belongs to the thread that builds it.
 */
package dev.firn.tuning.table;
