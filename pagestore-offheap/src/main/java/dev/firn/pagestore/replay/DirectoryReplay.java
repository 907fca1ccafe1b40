package dev.firn.pagestore.replay;

import dev.firn.nativeio.seam.Clock;
import dev.firn.postgres.version.PostgresVersion;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Replays a log over a base and writes the outcome as a data directory of its own. */
public final class DirectoryReplay {
    private DirectoryReplay() {}

    /**
     * What was written.
     *
     * @param replaySeconds without the writing.
     * @param cleanlyShutDown whether Postgres starts without recovery.
     */
    public record Result(
            PostgresVersion version,
            ReplayResult replay,
            double replaySeconds,
            double seconds,
            boolean cleanlyShutDown) {}

    /**
     * Replays and writes. When that fails, nothing is left of the target.
     *
     * @param to a directory that is empty or not there.
     * @throws ReplayException when the outcome would not be consistent, or something can't be read or written.
     * @throws dev.firn.postgres.redo.RedoException when a record can't be applied.
     */
    public static Result run(
            final ReplayConfig config,
            final WalSource source,
            final LogFiles log,
            final Path to,
            final ReplayListener listener) {
        TargetDirectory.requireUsable(to);
        final Clock clock = config.clock();
        final long begin = clock.nanoTime();
        try (Replay replay = Replay.open(config)) {
            final ReplayResult result = replay.run(source, listener);
            requireConsistent(result);
            final long replayed = clock.nanoTime();
            final TargetDirectory target = TargetDirectory.create(to, config.base());
            final boolean clean = write(replay, target, log, result, clock);
            return new Result(
                    replay.version(), result, (replayed - begin) / 1e9, (clock.nanoTime() - begin) / 1e9, clean);
        }
    }

    private static boolean write(
            final Replay replay,
            final TargetDirectory target,
            final LogFiles log,
            final ReplayResult result,
            final Clock clock) {
        boolean done = false;
        try {
            final boolean clean = new DirectoryWriter(replay, target)
                    .write(log, result, TimeUnit.NANOSECONDS.toSeconds(clock.epochNs()));
            done = true;
            return clean;
        } finally {
            if (!done) {
                target.remove();
            }
        }
    }

    private static void requireConsistent(final ReplayResult result) {
        if (!result.unfinished().isEmpty()) {
            throw new ReplayException(String.join("; ", result.unfinished()) + ": give the rest of the log");
        }
        if (result.invalidPages() > 0) {
            throw new ReplayException("the log changes " + result.invalidPages()
                    + " pages that the base does not have, and does not drop their relations later: the base is not the one"
                    + " that this log goes on from, or has lost files");
        }
        if (result.end() != null && !result.end().reason().isEndOfLog()) {
            throw new ReplayException(result.end().describe());
        }
    }
}
