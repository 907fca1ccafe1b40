package dev.firn.nativeio.wakeup;

import dev.firn.nativeio.posix.ErrnoCapture;
import dev.firn.nativeio.posix.FileCalls;
import dev.firn.nativeio.posix.WaitCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/**
 * Where others wake the thread that waits here. It has a name in a directory, by which processes find it.
 *
 * <p>Its files stay when it is closed, and are used again: who rings a doorbell whose owner was killed and restarted rings the
 * new one. They are removed with their directory. Several ringings while nobody sleeps are one.
 */
public final class Doorbell implements Bell, AutoCloseable {
    /** More than one is there only when several ring at once. */
    private static final int DRAINED_BYTES = 64;

    private final Arena arena = Arena.ofShared();
    private final ErrnoCapture errno = new ErrnoCapture(arena);
    private final MemorySegment drained = arena.allocate(DRAINED_BYTES);
    private final MemorySegment word;
    private final int pipe;
    private boolean isHurried;
    private boolean closed;

    private Doorbell(final Path directory, final String name) {
        final Path pipePath = DoorbellFiles.pipe(directory, name);
        final Path wordPath = DoorbellFiles.word(directory, name);
        DoorbellFiles.makePipe(pipePath);
        DoorbellFiles.makeWord(wordPath);
        this.word = DoorbellFiles.mapWord(wordPath, arena);
        this.pipe = DoorbellFiles.openPipe(pipePath);
        DoorbellFiles.setState(word, DoorbellFiles.AWAKE);
    }

    /** Hangs up a doorbell of this name; one owner at a time. */
    public static Doorbell create(final Path directory, final String name) {
        return new Doorbell(directory, name);
    }

    @Override
    public int descriptor() {
        return pipe;
    }

    @Override
    public void arm() {
        DoorbellFiles.setState(word, DoorbellFiles.ASLEEP);
        VarHandle.fullFence();
    }

    @Override
    public void disarm() {
        DoorbellFiles.setState(word, DoorbellFiles.AWAKE);
    }

    /**
     * The next wait is a short one: the owner waits for something besides, of which nobody will tell it, such as room to send
     * in.
     */
    public void hurry() {
        isHurried = true;
    }

    /** Whether the owner was in a hurry since this was asked last. */
    @Override
    public boolean takeHurry() {
        final boolean was = isHurried;
        isHurried = false;
        return was;
    }

    @Override
    public void drain() {
        WaitCalls.read(errno, pipe, drained);
    }

    /** Call it when the owner has stopped. Idempotent. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            DoorbellFiles.setState(word, DoorbellFiles.AWAKE);
            FileCalls.close(pipe);
            arena.close();
        }
    }
}
