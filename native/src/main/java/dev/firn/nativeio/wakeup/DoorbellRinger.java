package dev.firn.nativeio.wakeup;

import dev.firn.nativeio.posix.ErrnoCapture;
import dev.firn.nativeio.posix.FileCalls;
import dev.firn.nativeio.posix.WaitCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Wakes the owner of a {@link Doorbell} when it sleeps. For one thread. */
public final class DoorbellRinger implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final ErrnoCapture errno = new ErrnoCapture(arena);
    private final MemorySegment one = arena.allocate(1);
    private final MemorySegment word;
    private final int pipe;
    private boolean closed;

    private DoorbellRinger(final Path pipePath, final Path wordPath) {
        this.word = DoorbellFiles.mapWord(wordPath, arena);
        this.pipe = DoorbellFiles.openPipe(pipePath);
    }

    /** For the doorbell of this name; empty when there is none. Of the control path. */
    public static Optional<DoorbellRinger> open(final Path directory, final String name) {
        final Path pipe = DoorbellFiles.pipe(directory, name);
        final Path word = DoorbellFiles.word(directory, name);
        return Files.exists(pipe) && Files.exists(word)
                ? Optional.of(new DoorbellRinger(pipe, word))
                : Optional.empty();
    }

    /** Call it when the work is where the owner looks for it. Costs a fence and a read while the owner is awake. */
    public void ring() {
        VarHandle.fullFence();
        if (DoorbellFiles.state(word) == DoorbellFiles.ASLEEP && DoorbellFiles.takeSleeper(word)) {
            // A full pipe has been rung already.
            WaitCalls.write(errno, pipe, one);
        }
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            FileCalls.close(pipe);
            arena.close();
        }
    }
}
