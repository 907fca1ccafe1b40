package dev.firn.nativeio.memory;

import java.util.List;

/**
 * What an {@link OffHeapMemory} has given out and not got back.
 *
 * @param memory name of the module.
 * @param leaks one for each tag that holds something.
 */
public record LeakReport(String memory, List<Leak> leaks) {
    /**
     * What one tag holds.
     *
     * @param heldBytes bytes of slots.
     * @param allocatedAt stacks that allocated, in checked mode; else empty.
     */
    public record Leak(MemoryTag tag, long heldBytes, long heldCount, List<Throwable> allocatedAt) {
        public Leak {
            allocatedAt = List.copyOf(allocatedAt);
        }
    }

    public LeakReport {
        leaks = List.copyOf(leaks);
    }

    public boolean isEmpty() {
        return leaks.isEmpty();
    }

    /** One sentence. */
    public String describe() {
        if (isEmpty()) {
            return "off-heap memory \"" + memory + "\": everything was freed";
        }
        final StringBuilder text = new StringBuilder("off-heap memory \"" + memory + "\" was not all freed:");
        String separator = " ";
        for (final Leak leak : leaks) {
            text.append(separator)
                    .append(leak.tag().name())
                    .append(" holds ")
                    .append(leak.heldBytes())
                    .append(" bytes in ")
                    .append(leak.heldCount());
            separator = ", ";
        }
        return text.toString();
    }
}
