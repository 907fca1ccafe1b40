/**
 * Tables of a timeline as files: {@link dev.firn.server.lake.LakeExport} reads relations through the page server and writes them into a folder or a
 * bucket ({@link dev.firn.server.lake.ExportTarget}).
 *
 * <p><b>Owner:</b> the thread of the command, which plans ({@link dev.firn.server.lake.ExportPlan}) and waits, and its workers ({@link
 * dev.firn.server.lake.ExportWorker}), each with a seat of its own; what they share is the queue, the relations and the memory. All of them may block.
 * <b>Invariants:</b> a file is there whole or not at all; a relation that cannot be written leaves none of its files behind, and the others go on; an
 * export that ends early leaves nothing; nothing that was there before is overwritten; files are the same whatever the number of workers.
 */
package dev.firn.server.lake;
