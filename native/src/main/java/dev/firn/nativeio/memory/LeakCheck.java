package dev.firn.nativeio.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * For tests: memory in checked mode, and the proof at the end that all of it was given back.
 *
 * <pre>{@code
 * private final LeakCheck leaks = LeakCheck.start();
 * private final OffHeapMemory memory = leaks.memory(16 << 20);
 *
 * @AfterEach
 * void everythingIsFreed() {
 *     leaks.close();
 * }
 * }</pre>
 *
 * <p>Memories that the code under test opens itself are checked too: those opened since {@link #start()}, by any thread,
 * must be closed. Tests that use it do not run side by side in one JVM.
 */
public final class LeakCheck implements AutoCloseable {
    private final Set<OffHeapMemory> openBefore = OpenMemories.snapshot();
    private final List<OffHeapMemory> owned = new ArrayList<>();

    private LeakCheck() {}

    public static LeakCheck start() {
        return new LeakCheck();
    }

    /** A memory in checked mode that belongs to this check: closed by it. */
    public OffHeapMemory memory(final long capacityBytes) {
        final OffHeapMemory memory = OffHeapMemory.open(
                OffHeapConfig.of("test-" + owned.size(), capacityBytes).withChecked(true));
        owned.add(memory);
        return memory;
    }

    /**
     * Closes what {@link #memory} made. Idempotent.
     *
     * @throws AssertionError when something was not freed, not closed, or written to after it was freed; the stacks that
     *     allocated are among the suppressed.
     */
    @Override
    public void close() {
        final List<Throwable> found = new ArrayList<>();
        for (final OffHeapMemory memory : owned) {
            closeAndCollect(memory, found);
        }
        owned.clear();
        for (final OffHeapMemory memory : OpenMemories.snapshot()) {
            if (!openBefore.contains(memory)) {
                found.add(new IllegalStateException(memory.describe() + " was not closed"));
                closeAndCollect(memory, found);
            }
        }
        if (!found.isEmpty()) {
            final AssertionError error = new AssertionError(found.getFirst().getMessage());
            found.forEach(error::addSuppressed);
            throw error;
        }
    }

    private static void closeAndCollect(final OffHeapMemory memory, final List<Throwable> found) {
        try {
            memory.close();
        } catch (final MemoryLeakException | MemoryCorruptionException e) {
            found.add(e);
        }
    }
}
