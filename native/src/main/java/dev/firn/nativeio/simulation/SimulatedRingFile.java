package dev.firn.nativeio.simulation;

import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.StorageFile;

/** A {@link SimulatedFile} as one {@link SimulatedRing} knows it. */
final class SimulatedRingFile implements RingFile {
    private final SimulatedFile file;
    private final SimulatedRing ring;
    private int inFlight;
    private boolean detached;

    private SimulatedRingFile(final SimulatedFile file, final SimulatedRing ring) {
        this.file = file;
        this.ring = ring;
    }

    // A disk has no equality but its identity.
    @SuppressWarnings("ReferenceEquality")
    static SimulatedRingFile attach(final StorageFile file, final SimulatedDisk disk, final SimulatedRing ring) {
        if (file instanceof SimulatedFile simulated && simulated.disk() == disk) {
            simulated.retainForRing();
            return new SimulatedRingFile(simulated, ring);
        }
        throw new IllegalArgumentException(file.name() + " belongs to another storage than this ring");
    }

    static SimulatedRingFile of(final RingFile handle, final SimulatedRing ring) {
        if (handle instanceof SimulatedRingFile attached && attached.ring.equals(ring) && !attached.detached) {
            return attached;
        }
        throw new IllegalStateException(handle.name() + " is not attached to this ring");
    }

    SimulatedFile file() {
        return file;
    }

    void operationAccepted() {
        inFlight++;
    }

    void operationDelivered() {
        inFlight--;
    }

    void detach() {
        if (inFlight > 0) {
            throw new IllegalStateException(
                    name() + " has " + inFlight + " operations in flight: poll them before it is detached");
        }
        release();
    }

    void release() {
        if (!detached) {
            detached = true;
            file.releaseFromRing();
        }
    }

    @Override
    public String name() {
        return file.name();
    }
}
