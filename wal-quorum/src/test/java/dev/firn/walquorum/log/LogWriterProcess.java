package dev.firn.walquorum.log;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.storage.Storage;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.random.RandomGenerator;

/** Writes a log for ever, and says on its output what is durable: to be killed. */
final class LogWriterProcess {
    static final String PROMISED = "promised ";
    static final String FLUSHED = "flushed ";
    static final String TRIMMED = "trimmed ";

    private static final int SAY_EVERY = 4;
    private static final int TRIM_ODDS = 50;
    private static final int PROMISE_ODDS = 100;
    private static final int KEPT_BYTES = 300_000;

    private LogWriterProcess() {}

    /** @param arguments directory, seed. */
    public static void main(final String[] arguments) throws IOException {
        final RandomGenerator random = SystemRandom.seeded(Long.parseLong(arguments[1]));
        final PrintStream out = new PrintStream(
                new java.io.FileOutputStream(java.io.FileDescriptor.out), false, StandardCharsets.US_ASCII);
        try (Storage storage = new HostStorage(Path.of(arguments[0]));
                TestLog log = WalLog.exists(storage, TestLog.DIRECTORY)
                        ? TestLog.open(storage, TestLog.SMALL)
                        : TestLog.create(storage, TestLog.SMALL)) {
            if (log.log.found().followedTerm() < TestLog.TERM) {
                log.led();
            }
            long term = Math.max(TestLog.TERM, log.log.found().promisedTerm());
            long trimmedTo = 0;
            boolean isPromising = false;
            for (long i = 0; !out.checkError(); i++) {
                log.offer(1 + random.nextInt(random.nextInt(20) == 0 ? 40_000 : 500));
                log.doWork();
                if (i % SAY_EVERY == 0) {
                    out.println(FLUSHED + log.flushedLsn);
                }
                if (random.nextInt(TRIM_ODDS) == 0) {
                    log.log.trim(log.flushedLsn - KEPT_BYTES);
                }
                if (log.trimmedTo != trimmedTo) {
                    trimmedTo = log.trimmedTo;
                    out.println(TRIMMED + trimmedTo);
                }
                if (isPromising && log.promises > 0) {
                    isPromising = false;
                    out.println(PROMISED + term);
                } else if (!isPromising && random.nextInt(PROMISE_ODDS) == 0) {
                    log.promises = 0;
                    log.log.writePromise(++term, 1, log.log.found().membership());
                    isPromising = true;
                }
                out.flush();
            }
        }
    }
}
