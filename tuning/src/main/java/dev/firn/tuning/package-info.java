/**
 * What a host offers, what it lacks, and what to set.
 *
 * <ul>
 *   <li>{@link dev.firn.tuning.host}: readings of a Linux host, without judgement
 *   <li>{@link dev.firn.tuning.doctor}: what they mean for Firn and what each lack costs; {@code firn doctor}
 *   <li>{@link dev.firn.tuning.profile}: what to set, and how to put it back; {@code firn tune}
 *   <li>{@link dev.firn.tuning.table}: text tables
 * </ul>
 *
 * <p>The commands themselves are in {@code server/}; what is here returns values that print themselves as a table or as
 * plain maps and lists for a JSON document. Nothing here runs on a data path.
 */
package dev.firn.tuning;
