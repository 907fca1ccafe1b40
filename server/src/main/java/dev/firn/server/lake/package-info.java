/**
 * Tables of a timeline as files: {@link dev.firn.server.lake.LakeExport} reads relations through the page server and writes them into a folder or a
 * bucket ({@link dev.firn.server.lake.ExportTarget}).
 *
 * <p><b>Owner:</b> the thread of the command, which may block. <b>Invariants:</b> a file is there whole or not at all; a relation that cannot be
 * written leaves none of its files behind, and the others go on; nothing that was there before is overwritten.
 */
package dev.firn.server.lake;
