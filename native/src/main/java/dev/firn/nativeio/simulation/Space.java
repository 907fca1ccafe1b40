package dev.firn.nativeio.simulation;

/** How many sectors of the disk are taken. */
final class Space {
    private long capacitySectors;
    private long usedSectors;

    Space(final long capacitySectors) {
        this.capacitySectors = capacitySectors;
    }

    /** Takes one sector when there is one. */
    boolean take() {
        if (usedSectors >= capacitySectors) {
            return false;
        }
        usedSectors++;
        return true;
    }

    void give(final long sectors) {
        usedSectors -= sectors;
    }

    /** Counts what is there already, also past the capacity: a crash may bring deleted files back. */
    void count(final long sectors) {
        usedSectors += sectors;
    }

    void resize(final long sectors) {
        capacitySectors = sectors;
    }

    long usedSectors() {
        return usedSectors;
    }

    long capacitySectors() {
        return capacitySectors;
    }
}
