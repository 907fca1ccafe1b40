/**
 * fio as a rival: found, asked for what we do ({@link dev.firn.bench.fio.FioJob}), met at its best
 * ({@link dev.firn.bench.fio.FioRival}, read first), or named as missing.
 *
 * <p><b>Invariant:</b> fio gets the same file, the same size of transfer, the same depth, warm-up and duration as we do.
 *
 * <p><b>Owner:</b> the suite's thread.
 */
package dev.firn.bench.fio;
