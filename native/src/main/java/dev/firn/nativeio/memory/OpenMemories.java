package dev.firn.nativeio.memory;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The checked memories that are open in this process: what a {@link LeakCheck} looks through. */
final class OpenMemories {
    private static final Set<OffHeapMemory> OPEN = ConcurrentHashMap.newKeySet();

    private OpenMemories() {}

    static void add(final OffHeapMemory memory) {
        OPEN.add(memory);
    }

    static void remove(final OffHeapMemory memory) {
        OPEN.remove(memory);
    }

    static Set<OffHeapMemory> snapshot() {
        return Set.copyOf(OPEN);
    }
}
