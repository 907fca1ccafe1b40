/**
 * Time, the rest of the fault seam beside {@link dev.firn.nativeio.storage} and {@link dev.firn.nativeio.network}.
 *
 * <p>Every class that needs the time, randomness, storage or a network takes it as a constructor argument:
 * {@link dev.firn.nativeio.seam.Clock}, {@link java.util.random.RandomGenerator},
 * {@link dev.firn.nativeio.storage.Storage} and {@link dev.firn.nativeio.network.Network}. The only callers of
 * {@code System.nanoTime()} and of unseeded randomness are {@link dev.firn.nativeio.seam.SystemClock} and
 * {@link dev.firn.nativeio.seam.SystemRandom}; the build refuses others. What stands behind them in a simulation is in
 * {@link dev.firn.nativeio.simulation}.
 *
 * <p>Thread-safe, without state.
 */
package dev.firn.nativeio.seam;
