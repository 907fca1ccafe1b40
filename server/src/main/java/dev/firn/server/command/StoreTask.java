package dev.firn.server.command;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.s3tier.location.ObjectAddress;
import dev.firn.s3tier.location.StoreLocation;
import dev.firn.s3tier.location.StoreLocation.BucketLocation;
import dev.firn.server.store.StoppedException;
import dev.firn.server.store.StoreConnection;
import dev.firn.server.store.TransferProgress;
import dev.firn.server.up.StopSignal;
import dev.firn.tuning.host.Bytes;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What the commands on a store share: their URLs, and an end that gives up cleanly what was under way. */
final class StoreTask {
    /** Past it the process ends all the same; what is left is a temporary file, or parts that a sweep finds. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(15);

    private StoreTask() {}

    /** A store as a whole: below the prefix of a bucket's URL, but not below a folder in a directory store. */
    static StoreLocation store(final CommandSpec spec, final String url) {
        try {
            return StoreLocation.parse(url) instanceof BucketLocation bucket
                    ? bucket
                    : ObjectAddress.parsePrefix(url).store();
        } catch (final IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    /** A store, and what the keys asked for begin with. */
    static ObjectAddress prefix(final CommandSpec spec, final String url) {
        try {
            return ObjectAddress.parsePrefix(url);
        } catch (final IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    static ObjectAddress object(final CommandSpec spec, final String url) {
        try {
            return ObjectAddress.parse(url);
        } catch (final IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    /** Runs something that Ctrl-C stops; what it has to say of that is said before the process may end. */
    static int stoppable(final CommandSpec spec, final String what, final Function<StopSignal, Integer> task) {
        final StopSignal signal = StopSignal.install(STOP_LIMIT);
        int code = ExitCode.SOFTWARE;
        try {
            code = task.apply(signal);
        } catch (final StoppedException e) {
            final PrintWriter err = spec.commandLine().getErr();
            err.println("firn: " + what + " was stopped; nothing of it is left behind");
            err.flush();
        } finally {
            signal.finish(code);
        }
        return code;
    }

    /** Opens a store, reads from it until Ctrl-C, and closes it. */
    static int reading(
            final CommandSpec spec,
            final String what,
            final StoreLocation location,
            final Function<StoreConnection, Integer> task) {
        return stoppable(spec, what, signal -> {
            try (StoreConnection connection =
                    StoreConnection.openToRead(location, SystemClock.INSTANCE, signal::isRequested)) {
                return task.apply(connection);
            }
        });
    }

    /** Opens a store, writes to it until Ctrl-C, and closes it. */
    static int writing(
            final CommandSpec spec,
            final String what,
            final StoreLocation location,
            final Function<StoreConnection, Integer> task) {
        return stoppable(spec, what, signal -> {
            try (StoreConnection connection =
                    StoreConnection.open(location, SystemClock.INSTANCE, signal::isRequested)) {
                return task.apply(connection);
            }
        });
    }

    /** Says the first sentence that it hears to the user, and no other; by any thread. */
    static Consumer<String> sayingOnce(final CommandSpec spec) {
        final PrintWriter err = spec.commandLine().getErr();
        final AtomicBoolean said = new AtomicBoolean();
        return sentence -> {
            if (said.compareAndSet(false, true)) {
                err.println("firn: " + sentence);
                err.flush();
            }
        };
    }

    static TransferProgress progress(final String what) {
        return new TransferProgress(System.err, true, isTerminal(), what, SystemClock.INSTANCE);
    }

    /** An option's LSN; 0 when it is not given. */
    static long lsn(final CommandSpec spec, final String option, final String text) {
        try {
            return text == null ? 0 : Lsn.parse(text);
        } catch (final IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), option + " " + text + " is no LSN such as 0/3000060", e);
        }
    }

    /** A length as a person reads it, also a short one. */
    static String size(final long bytes) {
        return bytes < Bytes.KIB ? bytes + " B" : Bytes.format(bytes);
    }

    static boolean isTerminal() {
        return System.console() != null && System.console().isTerminal();
    }
}
