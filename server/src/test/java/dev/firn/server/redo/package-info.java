/**
 * Replays of whole corpora, held against what stock Postgres makes of the same log: {@link dev.firn.server.redo.RedoOracleTest} first.
 */
package dev.firn.server.redo;
