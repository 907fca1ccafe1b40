/**
 * The data directory as a whole: who holds it, in which format it is, and how others find the process that is up on it.
 *
 * <p><b>Owner:</b> {@link dev.firn.server.home.DataDirectory} belongs to the process that opened it; the directory's lock
 * keeps a second one off. {@link dev.firn.server.home.UpRecord} is written by that process and read by others.
 *
 * <p><b>Invariants:</b> nothing is written into a directory that is neither empty nor Firn's; a format that this version
 * does not know is refused before anything is touched; a record is believed only while the very process that wrote it
 * lives.
 */
package dev.firn.server.home;
