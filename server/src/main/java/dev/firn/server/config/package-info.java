/**
 * What the roles of {@code firn run} are told: one JSON file each.
 *
 * <p>{@link dev.firn.server.config.ConfigReader} first: how a file is read, and how strictly. The records hold what was read.
 * {@code docs/operations.md} shows a file of each kind.
 *
 * <p><b>Owner:</b> values only. <b>Invariants:</b> a file that is not understood as a whole is refused in one sentence, which names
 * the file and the key, before anything else is done; no value of a secret stands in a message.
 */
package dev.firn.server.config;
