package dev.firn.pagestore.simulation;

import dev.firn.pagestore.manifest.Manifest;
import dev.firn.pagestore.service.ReadRefusal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/** What outlives the page servers of a simulation: the logs, and what was seen. */
final class PageWorld {
    static final String MAIN = "main";

    private final PageSwarm swarm;
    private final Flaw flaw;
    private final List<ModelLog> logs = new ArrayList<>();
    private final List<ModelKey> keys = ModelKey.all();
    private final Map<String, Long> epochs = new HashMap<>();
    private final Map<String, Long> uploaded = new HashMap<>();
    private Function<String, Manifest> stored;
    private boolean reads = true;
    private boolean calm;
    private final List<ModelLease> leases = new ArrayList<>();
    private final Set<String> endedReaders = new HashSet<>();
    private int branches;
    private int readers;
    private long answers;
    private long deposed;
    private String lastEnd = "it did not";

    PageWorld(final PageSwarm swarm, final Flaw flaw) {
        this.swarm = swarm;
        this.flaw = flaw;
        logs.add(new ModelLog(MAIN, null, 0));
    }

    PageSwarm swarm() {
        return swarm;
    }

    Flaw flaw() {
        return flaw;
    }

    List<ModelLog> logs() {
        return logs;
    }

    ModelLog log(final String name) {
        for (final ModelLog log : logs) {
            if (log.name().equals(name)) {
                return log;
            }
        }
        throw new IllegalArgumentException(name);
    }

    /** A branch is made: page servers open it when they can. */
    void branch(final ModelLog parent, final long lsn) {
        logs.add(new ModelLog("branch-" + ++branches, parent, lsn));
    }

    ModelKey randomKey(final RandomGenerator random) {
        return keys.get(random.nextInt(keys.size()));
    }

    /** A lease that a page server has promised to keep, or null. */
    ModelLease randomLease(final RandomGenerator random) {
        leases.removeIf(lease -> !logs.contains(lease.log()));
        return leases.isEmpty() ? null : leases.get(random.nextInt(leases.size()));
    }

    String newReader() {
        return "reader " + ++readers;
    }

    void leased(final ModelLease lease) {
        leases.remove(lease);
        // A renewal may be confirmed after the end: both were written at once.
        if (!endedReaders.contains(lease.holder())) {
            leases.add(lease);
        }
    }

    /** Its reader is about to give it back. */
    void ended(final ModelLease lease) {
        leases.remove(lease);
        endedReaders.add(lease.holder());
    }

    boolean isLeased(final ModelLog log, final long lsn) {
        return leases.stream().anyMatch(lease -> lease.log() == log && lease.lsn() == lsn);
    }

    boolean reads() {
        return reads;
    }

    void stopReads() {
        reads = false;
    }

    /** Faults have stopped: from now on the store answers. */
    void calm() {
        calm = true;
    }

    void answered() {
        answers++;
    }

    long answers() {
        return answers;
    }

    void refused(final ReadRefusal refusal, final String sentence) {
        if (calm && refusal == ReadRefusal.UNREACHABLE && sentence.contains("gone")) {
            throw new AssertionError("a layer that is needed is gone: " + sentence);
        }
    }

    /** A timeline could not be opened. A branch that never was may be of an LSN that is kept no more: then nobody has it. */
    void refused(final ModelLog log, final String why) {
        lastEnd = log.name() + ": " + why;
        if (why.contains("not kept")) {
            if (log.isAcknowledged()) {
                throw new AssertionError(lastEnd + ", although the branch was made");
            }
            logs.removeIf(other -> other == log || other.descendsFrom(log));
        }
    }

    String lastEnd() {
        return lastEnd;
    }

    void deposed() {
        deposed++;
    }

    long ownerChanges() {
        return deposed;
    }

    /** How to look up what manifest of a timeline is stored: the truth. */
    void stored(final Function<String, Manifest> lookup) {
        stored = lookup;
    }

    /** Whether nobody has taken a timeline over since. Of a branch that answers already, none may be stored yet. */
    boolean isLatest(final Manifest manifest) {
        final Manifest there = stored.apply(manifest.timeline());
        return there == null || manifest.epoch() >= there.epoch();
    }

    /** What an owner says is stored. What is in layers never becomes less from one owner to the next. */
    void note(final Manifest manifest) {
        if (manifest == null) {
            return;
        }
        final String name = manifest.timeline();
        final long epoch = epochs.getOrDefault(name, 0L);
        if (manifest.epoch() < epoch) {
            return;
        }
        if (manifest.uploadedLsn() < uploaded.getOrDefault(name, 0L)) {
            throw new AssertionError(name + " was in layers up to "
                    + Long.toHexString(uploaded.get(name)) + ", and is up to "
                    + Long.toHexString(manifest.uploadedLsn()));
        }
        epochs.put(name, manifest.epoch());
        uploaded.put(name, manifest.uploadedLsn());
    }
}
