/**
 * What {@code firn up} runs: {@link dev.firn.server.up.FirnSystem} joins data directory, supervisor and endpoint, in that
 * order, and takes them down in reverse.
 *
 * <p><b>Owner:</b> the main thread; signals reach it through {@link dev.firn.server.up.StopSignal}. <b>Invariants:</b> the
 * record that others find is written only when everything is ready, and removed before anything stops; a stop is bounded
 * in time.
 */
package dev.firn.server.up;
