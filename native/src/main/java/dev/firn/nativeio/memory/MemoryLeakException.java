package dev.firn.nativeio.memory;

/** Memory was not freed before its {@link OffHeapMemory} was closed; checked mode only. Suppressed: where it was allocated. */
public final class MemoryLeakException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient LeakReport report;

    MemoryLeakException(final LeakReport report) {
        super(report.describe());
        this.report = report;
        report.leaks().forEach(leak -> leak.allocatedAt().forEach(this::addSuppressed));
    }

    public LeakReport report() {
        return report;
    }
}
