/**
 * What is done with a timeline's layers besides reading them: memory tables become layers, layers are merged, images are made, what nobody can ask for
 * any more goes.
 *
 * <p>{@link dev.firn.pagestore.upkeep.Housekeeper} first: an agent that has a {@code TimelineUpkeep} for each timeline it owns. Jobs ({@code
 * FlushJob}, {@code MergeJob}, {@code ImageJob}) make layers; {@code ManifestKeeper} has them written into the manifest; {@code MergePolicy}, {@code
 * ImagePolicy} and {@code Collection} say what is to be done; {@code ObjectRemoval} removes. Shard and housekeeper speak through an {@link
 * dev.firn.pagestore.upkeep.UpkeepLink}.
 *
 * <p><b>Owner:</b> the housekeeper's thread, with a session of its own. Its inputs no longer change.
 *
 * <p><b>Invariants:</b> a layer is named by a manifest only when it is stored; the uploaded LSN moves in the manifest that names the layers that have it;
 * an object is removed only when the stored manifest does not name it, and no read of this owner goes through it; its name is never used again. So at
 * any instant a crash, or another owner, finds a manifest all of whose layers are there.
 */
package dev.firn.pagestore.upkeep;
