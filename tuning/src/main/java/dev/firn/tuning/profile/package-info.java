/**
 * What to set on a host for Firn, and how to put it back: the logic of {@code firn tune}.
 *
 * <p>A profile is a declarative list of settings, each with its place, the wanted value and one reason. Read
 * {@link dev.firn.tuning.profile.Tuner} first.
 *
 * <p><b>Invariants:</b> nothing is changed before what was there is on disk, in the state directory; a setting's
 * recorded original is never overwritten by a later profile; a boot loader is never edited.
 *
 * <p><b>Owner:</b> the host's settings have one owner at a time: {@code apply} and {@code revert} hold a lock file in
 * the state directory while they work.
 */
package dev.firn.tuning.profile;
