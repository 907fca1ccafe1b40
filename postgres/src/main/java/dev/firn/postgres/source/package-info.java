/**
 * What is read through: the pages of one cluster at one LSN, from wherever they are. A page server answers, or a data directory.
 *
 * <p>{@link dev.firn.postgres.source.RelationPages} first. Calls may block; the caller's memory is filled, nothing is kept. What cannot be
 * read is an exception with a sentence; a page that something on another page led to and that isn't there is a
 * {@link dev.firn.postgres.MalformedDataException}.
 */
package dev.firn.postgres.source;
