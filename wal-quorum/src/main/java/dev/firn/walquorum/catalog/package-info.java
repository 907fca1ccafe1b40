/**
 * Which timelines there are, and where what belongs to them stands in the object store.
 *
 * <p>{@link dev.firn.walquorum.catalog.TimelineKeys} first: every key of a timeline comes from there. Then
 * {@link dev.firn.walquorum.catalog.TimelineEntry}, which makes a name taken, and
 * {@link dev.firn.walquorum.catalog.TimelineCatalog}, which writes, reads, lists and deletes. {@link
 * dev.firn.walquorum.catalog.BranchEntry} makes a timeline a branch, with or without a log of its own. {@link
 * dev.firn.walquorum.catalog.PostgresTimelines} says which of Postgres' own timelines a segment belongs to; there, and only there,
 * "timeline" is Postgres' word.
 *
 * <p><b>Owner:</b> a catalogue belongs to the thread of its session; entries, keys and histories are values.
 *
 * <p><b>Invariants:</b> a name is taken from the moment that its entry is stored until all else of the timeline is gone; an entry never
 * changes.
 */
package dev.firn.walquorum.catalog;
