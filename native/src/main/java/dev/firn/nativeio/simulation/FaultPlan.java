package dev.firn.nativeio.simulation;

import dev.firn.nativeio.storage.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Decides for each operation of a disk whether it fails: first the aimed rules, in the order given, then chance. */
final class FaultPlan {
    private static final class Armed {
        private final FaultRule rule;
        private int toSkip;
        private int left;

        private Armed(final FaultRule rule) {
            this.rule = rule;
            this.toSkip = rule.skip();
            this.left = rule.times();
        }
    }

    private final Trace trace;
    private final int node;
    private final RandomGenerator random;
    private final List<Armed> rules = new ArrayList<>();
    private DiskFaults faults;

    FaultPlan(final Trace trace, final int node, final RandomGenerator random, final DiskFaults faults) {
        this.trace = trace;
        this.node = node;
        this.random = random;
        this.faults = faults;
    }

    DiskFaults faults() {
        return faults;
    }

    void replace(final DiskFaults replacement) {
        faults = replacement;
    }

    void add(final FaultRule rule) {
        rules.add(new Armed(rule));
    }

    void clearRules() {
        rules.clear();
    }

    /**
     * Whether an operation fails.
     *
     * @return 0 when it goes through, the negative errno when it fails, the bytes to move at most when it is short.
     */
    int decide(final DiskOperation operation, final String file, final long offset, final long count) {
        for (int i = 0; i < rules.size(); i++) {
            final Armed armed = rules.get(i);
            if (armed.rule.matches(operation, file, offset, count)) {
                if (armed.toSkip > 0) {
                    armed.toSkip--;
                    continue;
                }
                if (--armed.left <= 0) {
                    rules.remove(i);
                }
                if (armed.rule.errno() == 0) {
                    return armed.rule.shortBytes();
                }
                return failed(operation, file, offset, armed.rule.errno());
            }
        }
        return Seeds.happens(random, errorProbability(operation)) ? failed(operation, file, offset, Errno.EIO) : 0;
    }

    /** How many bytes of a ring's transfer move: all of them, or by chance a beginning that is a multiple of the unit. */
    long shorten(final DiskOperation operation, final long count, final int unit) {
        final double probability = operation == DiskOperation.READ ? faults.shortRead() : faults.shortWrite();
        final long units = (count - 1) / unit;
        return units < 1 || !Seeds.happens(random, probability) ? count : Seeds.between(random, 1, units) * unit;
    }

    private int failed(final DiskOperation operation, final String file, final long offset, final int errno) {
        trace.fault(kindOf(operation), node, file, errno, offset);
        return -errno;
    }

    private double errorProbability(final DiskOperation operation) {
        return switch (operation) {
            case READ -> faults.readError();
            case WRITE -> faults.writeError();
            case SYNC -> faults.syncError();
            case SYNC_DIRECTORY -> faults.directorySyncError();
            case ALLOCATE, TRUNCATE, SET_ATTRIBUTE, CREATE, OPEN, RENAME, DELETE, MAKE_DIRECTORY, LIST -> 0;
        };
    }

    private static FaultKind kindOf(final DiskOperation operation) {
        return switch (operation) {
            case READ -> FaultKind.READ_ERROR;
            case WRITE -> FaultKind.WRITE_ERROR;
            case SYNC -> FaultKind.SYNC_ERROR;
            case SYNC_DIRECTORY -> FaultKind.DIRECTORY_SYNC_ERROR;
            case ALLOCATE, TRUNCATE, SET_ATTRIBUTE, CREATE, OPEN, RENAME, DELETE, MAKE_DIRECTORY, LIST ->
                FaultKind.INJECTED_ERROR;
        };
    }
}
