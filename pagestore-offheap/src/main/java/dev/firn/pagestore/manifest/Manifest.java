package dev.firn.pagestore.manifest;

import dev.firn.pagestore.layer.LayerDescription;
import java.util.List;
import java.util.Objects;

/**
 * What a timeline's page store consists of. Each is made from the one before it; the store has one at a time. Immutable.
 *
 * @param timeline whose it is.
 * @param epoch of the owner: one more at each change of the owner. 0 in one that was never stored.
 * @param owner a random number that the owner drew when it took over.
 * @param generation one more at each write, so that no two are alike. 0 in one that was never stored.
 * @param uploadedLsn up to where all WAL is in layers: from here ingest goes on after a start. 0 as long as nothing is.
 * @param parent the timeline that this one branched off, or empty.
 * @param branchLsn where it did; 0 without a parent.
 * @param baseBackup the key of the base backup's description, which lies below all layers, or empty.
 * @param oldestLsn reads below it are refused, holds excepted.
 * @param holds what must stay readable below {@code oldestLsn} as well.
 * @param layers in the order of their names.
 */
public record Manifest(
        String timeline,
        long epoch,
        long owner,
        long generation,
        long uploadedLsn,
        String parent,
        long branchLsn,
        String baseBackup,
        long oldestLsn,
        List<Hold> holds,
        List<LayerDescription> layers) {
    /**
     * An LSN that must stay readable.
     *
     * @param holder who wants it.
     * @param untilEpochMs when it ends by itself; {@link Long#MAX_VALUE} for never.
     */
    public record Hold(String holder, long lsn, long untilEpochMs) {
        public Hold {
            requireName("holder", holder);
            requireNotNegative("a hold's LSN", lsn);
            requireNotNegative("a hold's end", untilEpochMs);
        }
    }

    /** Longest name in UTF-16 units: as long as a key of the object store may be. */
    static final int MAX_NAME = 1_024;

    public Manifest {
        requireName("timeline", timeline);
        requireName("parent", parent);
        requireName("base backup", baseBackup);
        requireNotNegative("the epoch", epoch);
        requireNotNegative("the generation", generation);
        requireNotNegative("the uploaded LSN", uploadedLsn);
        requireNotNegative("the branch LSN", branchLsn);
        requireNotNegative("the oldest LSN", oldestLsn);
        if (parent.isEmpty() && branchLsn != 0) {
            throw new IllegalArgumentException("timeline " + timeline + " has a branch LSN but no parent");
        }
        holds = List.copyOf(holds);
        layers = List.copyOf(layers);
        for (int i = 1; i < layers.size(); i++) {
            if (layers.get(i - 1).name().compareTo(layers.get(i).name()) >= 0) {
                throw new IllegalArgumentException("layer " + layers.get(i).name() + " of timeline " + timeline
                        + " stands behind " + layers.get(i - 1).name());
            }
        }
    }

    /** The same, as this owner writes it. */
    Manifest writtenBy(final long newEpoch, final long newOwner, final long newGeneration) {
        return new Manifest(
                timeline,
                newEpoch,
                newOwner,
                newGeneration,
                uploadedLsn,
                parent,
                branchLsn,
                baseBackup,
                oldestLsn,
                holds,
                layers);
    }

    boolean isOf(final long someEpoch, final long someOwner) {
        return epoch == someEpoch && owner == someOwner;
    }

    private static void requireName(final String what, final String name) {
        Objects.requireNonNull(name, what);
        if (name.length() > MAX_NAME) {
            throw new IllegalArgumentException(
                    "a " + what + " of " + name.length() + " characters, more than " + MAX_NAME);
        }
    }

    private static void requireNotNegative(final String what, final long value) {
        if (value < 0) {
            throw new IllegalArgumentException(what + " is negative: " + value);
        }
    }
}
