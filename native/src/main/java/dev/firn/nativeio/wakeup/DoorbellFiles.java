package dev.firn.nativeio.wakeup;

import dev.firn.nativeio.posix.FileCalls;
import dev.firn.nativeio.posix.WaitCalls;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** The two files of a doorbell: a named pipe that is written to when it rings, and a word that says whether somebody sleeps. */
final class DoorbellFiles {
    static final int AWAKE = 0;
    static final int ASLEEP = 1;

    private static final VarHandle STATE = ValueLayout.JAVA_INT.varHandle();
    private static final int OWNER_ONLY = 0600;

    private DoorbellFiles() {}

    static Path pipe(final Path directory, final String name) {
        return directory.resolve(name + ".bell");
    }

    static Path word(final Path directory, final String name) {
        return directory.resolve(name + ".sleep");
    }

    /** Opens the pipe for both directions, so that neither side's end ever ends the other's. */
    static int openPipe(final Path pipe) {
        final int descriptor =
                FileCalls.open(pipe.toString(), FileCalls.O_RDWR | WaitCalls.O_NONBLOCK | FileCalls.O_CLOEXEC, 0);
        if (descriptor < 0) {
            throw new StorageException("open", pipe.toString(), -1, -descriptor);
        }
        return descriptor;
    }

    static void makePipe(final Path pipe) {
        final int made = WaitCalls.makePipe(pipe.toString(), OWNER_ONLY);
        if (made != 0 && made != -Errno.EEXIST) {
            throw new StorageException("mkfifo", pipe.toString(), -1, -made);
        }
    }

    static void makeWord(final Path word) {
        if (Files.exists(word)) {
            return;
        }
        try {
            // By a rename, so that who finds it finds it whole.
            final Path unnamed = Files.createTempFile(
                    word.getParent(),
                    "new",
                    ".sleep",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.write(unnamed, new byte[Integer.BYTES]);
            Files.move(unnamed, word);
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot make " + word, e);
        }
    }

    static MemorySegment mapWord(final Path word, final Arena arena) {
        try (FileChannel channel = FileChannel.open(word, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, Integer.BYTES, arena);
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot map " + word, e);
        }
    }

    static int state(final MemorySegment word) {
        return (int) STATE.getVolatile(word, 0L);
    }

    static void setState(final MemorySegment word, final int state) {
        STATE.setVolatile(word, 0L, state);
    }

    /** Whether this call woke the sleeper: of several at once, one does. */
    static boolean takeSleeper(final MemorySegment word) {
        return STATE.compareAndSet(word, 0L, ASLEEP, AWAKE);
    }
}
