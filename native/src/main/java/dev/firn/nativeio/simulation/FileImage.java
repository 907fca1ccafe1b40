package dev.firn.nativeio.simulation;

import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.FileKind;
import dev.firn.nativeio.storage.FileStatus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * A file's content and length, on the platter and in the cache: the part of the fault model that is about one file.
 *
 * <p>Invariant: {@code unsyncedSectors} holds the sectors with unsynced versions and no other, in the order in which they
 * became dirty, so that what a crash draws does not depend on a hash table.
 */
final class FileImage implements Inode {
    /** Longest file; a write or allocation past it fails with EFBIG. */
    static final long MAX_LENGTH_BYTES = 1L << 36;

    /** Unsynced lengths kept; past it an intermediate one is forgotten. */
    static final int MAX_LENGTH_CHANGES = 64;

    private record LengthChange(long lengthBytes, long sequence) {}

    private record AttributeChange(Map<String, byte[]> attributes, long sequence) {}

    private final int sectorBytes;
    private final Space space;
    private final Long2ObjectHashMap<Sector> sectors = new Long2ObjectHashMap<>();
    private final List<LengthChange> unsyncedLengths = new ArrayList<>();
    private final List<AttributeChange> unsyncedAttributes = new ArrayList<>();
    private final long inode;
    private List<Sector> unsyncedSectors = new ArrayList<>();
    private Map<String, byte[]> attributes = Map.of();
    private Map<String, byte[]> durableAttributes = Map.of();
    private long durableAttributesSequence;
    private long modifiedEpochNs;
    private BitSet allocated = new BitSet();
    private BitSet durableAllocated = new BitSet();
    private boolean allocationChanged;
    private long lengthBytes;
    private long durableLengthBytes;
    private long durableLengthSequence;
    private long sequence;
    private int failedSyncs;
    private int links;
    private int handles;

    FileImage(final int sectorBytes, final Space space, final long inode, final long createdEpochNs) {
        this.sectorBytes = sectorBytes;
        this.space = space;
        this.inode = inode;
        this.modifiedEpochNs = createdEpochNs;
    }

    FileStatus status() {
        return new FileStatus(FileKind.FILE, lengthBytes, modifiedEpochNs, inode);
    }

    /** The content has changed: by the time that the file system would show. Not part of what a crash decides on. */
    void modified(final long epochNs) {
        modifiedEpochNs = epochNs;
    }

    byte[] attribute(final String name) {
        final byte[] value = attributes.get(name);
        return value == null ? null : value.clone();
    }

    void setAttribute(final String name, final byte[] value) {
        final Map<String, byte[]> changed = new TreeMap<>(attributes);
        changed.put(name, value.clone());
        attributes = changed;
        sequence++;
        unsyncedAttributes.add(new AttributeChange(changed, sequence));
    }

    long lengthBytes() {
        return lengthBytes;
    }

    void linked() {
        links++;
    }

    void opened() {
        handles++;
    }

    /** An entry is gone; the space comes back with the last entry and the last handle. */
    void unlinked() {
        links--;
        freeWhenUnused();
    }

    void closed() {
        handles--;
        freeWhenUnused();
    }

    /** Copies what a read sees now; fewer bytes than asked for only at the end of the file. */
    byte[] read(final long offset, final long requestedBytes) {
        final int count = (int) Math.max(0, Math.min(requestedBytes, lengthBytes - offset));
        final byte[] data = new byte[count];
        int done = 0;
        while (done < count) {
            final int within = (int) ((offset + done) % sectorBytes);
            final int part = Math.min(sectorBytes - within, count - done);
            final Sector sector = sectors.get((offset + done) / sectorBytes);
            if (sector != null && sector.current() != null) {
                System.arraycopy(sector.current(), within, data, done, part);
            }
            done += part;
        }
        return data;
    }

    /**
     * Writes as much as there is space for.
     *
     * @return the bytes written, or -ENOSPC when there was no room for any, or -EFBIG.
     */
    int write(final long offset, final byte[] data, final int count, final WriteEffect effect) {
        if (offset > MAX_LENGTH_BYTES - count) {
            return -Errno.EFBIG;
        }
        int done = 0;
        while (done < count) {
            final int part = Math.min(sectorBytes - (int) ((offset + done) % sectorBytes), count - done);
            if (!allocateSector((offset + done) / sectorBytes)) {
                break;
            }
            overlay(offset + done, data, done, part, effect);
            done += part;
        }
        if (done > 0) {
            grow(offset + done);
        }
        return done == 0 && count > 0 ? -Errno.ENOSPC : done;
    }

    /** A write that failed or was cut off: each of its sectors may have been written or not. */
    void writeSome(final long offset, final byte[] data, final RandomGenerator random) {
        if (offset > MAX_LENGTH_BYTES - data.length) {
            return;
        }
        int done = 0;
        while (done < data.length) {
            final int part = Math.min(sectorBytes - (int) ((offset + done) % sectorBytes), data.length - done);
            if (random.nextBoolean() && allocateSector((offset + done) / sectorBytes)) {
                overlay(offset + done, data, done, part, WriteEffect.COMPLETED);
                grow(offset + done + part);
            }
            done += part;
        }
    }

    /** Reserves space and extends the file; on -ENOSPC some of the space stays reserved and the length as it was. */
    int allocate(final long offset, final long count) {
        if (offset < 0 || count <= 0) {
            return -Errno.EINVAL;
        }
        if (offset > MAX_LENGTH_BYTES - count) {
            return -Errno.EFBIG;
        }
        for (long sector = offset / sectorBytes; sector * sectorBytes < offset + count; sector++) {
            if (!allocateSector(sector)) {
                return -Errno.ENOSPC;
            }
        }
        grow(offset + count);
        return 0;
    }

    void truncate(final long newLengthBytes) {
        if (newLengthBytes == lengthBytes) {
            return;
        }
        final boolean shorter = newLengthBytes < lengthBytes;
        sequence++;
        if (shorter) {
            zeroFrom(newLengthBytes);
            free((int) ((newLengthBytes + sectorBytes - 1) / sectorBytes));
        }
        lengthBytes = newLengthBytes;
        changedLength();
    }

    SyncSnapshot beginSync() {
        final List<Sector> covered = new ArrayList<>(unsyncedSectors.size());
        final List<Sector.Version> versions = new ArrayList<>(unsyncedSectors.size());
        for (final Sector sector : unsyncedSectors) {
            final Sector.Version version = sector.newestSettled();
            if (version != null) {
                covered.add(sector);
                versions.add(version);
            }
        }
        return new SyncSnapshot(covered, versions, lengthBytes, sequence, failedSyncs);
    }

    /** Whether a sync that started after this one failed has dropped what this one was to make durable. */
    boolean outdated(final SyncSnapshot snapshot) {
        return snapshot.failures() != failedSyncs;
    }

    void finishSync(final SyncSnapshot snapshot) {
        for (int i = 0; i < snapshot.sectors().size(); i++) {
            snapshot.sectors().get(i).makeDurable(snapshot.versions().get(i));
        }
        unsyncedSectors.removeIf(sector -> !sector.dirty());
        if (snapshot.sequence() >= durableLengthSequence) {
            durableLengthBytes = snapshot.lengthBytes();
            durableLengthSequence = snapshot.sequence();
            unsyncedLengths.removeIf(change -> change.sequence() <= snapshot.sequence());
        }
        for (final AttributeChange change : unsyncedAttributes) {
            if (change.sequence() <= snapshot.sequence() && change.sequence() > durableAttributesSequence) {
                durableAttributes = change.attributes();
                durableAttributesSequence = change.sequence();
            }
        }
        unsyncedAttributes.removeIf(change -> change.sequence() <= durableAttributesSequence);
        if (allocationChanged) {
            durableAllocated = (BitSet) allocated.clone();
            allocationChanged = false;
        }
    }

    /**
     * A durable write has just put the newest version into each sector of this range: those are on the platter now, with
     * the space under them and the file's length of this instant. Nothing else is.
     */
    void makeDurable(final long offset, final long count) {
        for (long index = offset / sectorBytes; index * sectorBytes < offset + count; index++) {
            sectors.get(index).makeNewestDurable();
            durableAllocated.set((int) index);
        }
        unsyncedSectors.removeIf(sector -> !sector.dirty());
        durableLengthBytes = lengthBytes;
        durableLengthSequence = sequence;
        unsyncedLengths.clear();
    }

    /**
     * The sync met an I/O error: the file's dirty data are clean now, written or not. Its length and attributes stay to be
     * synced.
     */
    int failSync(final CrashDice dice) {
        failedSyncs++;
        final int dropped = unsyncedSectors.size();
        for (final Sector sector : unsyncedSectors) {
            sector.drop(dice, dice.below(2) == 0);
        }
        unsyncedSectors = new ArrayList<>();
        return dropped;
    }

    void crash(final CrashDice dice, final Trace trace, final int node, final String name) {
        long keptSequence = durableLengthSequence;
        long keptLength = durableLengthBytes;
        final int picked = dice.pick(unsyncedLengths.size() + 1);
        if (picked > 0) {
            keptSequence = unsyncedLengths.get(picked - 1).sequence();
            keptLength = unsyncedLengths.get(picked - 1).lengthBytes();
        }
        for (final Sector sector : unsyncedSectors) {
            trace.fault(sector.crash(dice, keptSequence, sectorBytes), node, name, sector.index(), 0);
        }
        if (keptLength != lengthBytes) {
            trace.fault(FaultKind.LENGTH_LOST, node, name, lengthBytes, keptLength);
        }
        final int attributesPicked = dice.pick(unsyncedAttributes.size() + 1);
        if (attributesPicked > 0) {
            durableAttributes = unsyncedAttributes.get(attributesPicked - 1).attributes();
        }
        if (attributesPicked < unsyncedAttributes.size()) {
            trace.fault(FaultKind.ATTRIBUTE_LOST, node, name, attributesPicked, unsyncedAttributes.size());
        }
        attributes = durableAttributes;
        unsyncedAttributes.clear();
        unsyncedSectors = new ArrayList<>();
        unsyncedLengths.clear();
        sequence++;
        durableLengthSequence = sequence;
        durableLengthBytes = keptLength;
        lengthBytes = keptLength;
        handles = 0;
        links = 0;
        cutPlatter();
    }

    /** After a crash: how much of the disk the file takes. */
    long allocatedSectors() {
        return allocated.cardinality();
    }

    /** Flips a bit of a sector that has been written and is clean; false when there is none such at that offset. */
    boolean flipBit(final long offset, final RandomGenerator random) {
        final Sector sector = sectors.get(offset / sectorBytes);
        if (sector == null || sector.dirty() || sector.durable() == null) {
            return false;
        }
        final byte[] content = sector.durable().clone();
        final int bit = random.nextInt(sectorBytes * 8);
        content[bit >> 3] ^= (byte) (1 << (bit & 7));
        sector.set(content);
        return true;
    }

    private void overlay(
            final long offset, final byte[] data, final int from, final int count, final WriteEffect effect) {
        final Sector sector = sectorAt(offset / sectorBytes);
        final byte[] content;
        if (count == sectorBytes) {
            content = Arrays.copyOfRange(data, from, from + count);
        } else {
            content = sector.current() == null
                    ? new byte[sectorBytes]
                    : sector.current().clone();
            System.arraycopy(data, from, content, (int) (offset % sectorBytes), count);
        }
        addVersion(sector, new Sector.Version(content, ++sequence, effect, false));
    }

    private void addVersion(final Sector sector, final Sector.Version version) {
        if (!sector.dirty()) {
            unsyncedSectors.add(sector);
        }
        sector.add(version);
    }

    private Sector sectorAt(final long index) {
        return sectors.computeIfAbsent(index, Sector::new);
    }

    private void grow(final long endBytes) {
        if (endBytes > lengthBytes) {
            lengthBytes = endBytes;
            sequence++;
            changedLength();
        }
    }

    private void changedLength() {
        if (unsyncedLengths.size() >= MAX_LENGTH_CHANGES) {
            unsyncedLengths.remove(MAX_LENGTH_CHANGES / 2);
        }
        unsyncedLengths.add(new LengthChange(lengthBytes, sequence));
    }

    /** What lies past the new end reads as zeros should the file grow again. */
    private void zeroFrom(final long newLengthBytes) {
        final long first = newLengthBytes / sectorBytes;
        final int keptBytes = (int) (newLengthBytes % sectorBytes);
        for (final long index : sortedSectors()) {
            final Sector sector = sectors.get(index);
            if (index < first || sector.current() == null) {
                continue;
            }
            byte[] content = null;
            if (index == first && keptBytes > 0) {
                content = sector.current().clone();
                Arrays.fill(content, keptBytes, sectorBytes, (byte) 0);
            }
            addVersion(sector, new Sector.Version(content, sequence, WriteEffect.COMPLETED, true));
        }
    }

    private void cutPlatter() {
        final long first = lengthBytes / sectorBytes;
        final int keptBytes = (int) (lengthBytes % sectorBytes);
        allocated = durableAllocated;
        for (final long index : sortedSectors()) {
            final Sector sector = sectors.get(index);
            sector.forgetCache();
            if (index > first || (index == first && keptBytes == 0)) {
                sectors.remove(index);
                continue;
            }
            if (index == first && sector.current() != null) {
                final byte[] content = sector.current().clone();
                Arrays.fill(content, keptBytes, sectorBytes, (byte) 0);
                sector.set(content);
            }
            if (sector.durable() != null) {
                allocated.set((int) index);
            }
        }
        durableAllocated = (BitSet) allocated.clone();
        allocationChanged = false;
    }

    private long[] sortedSectors() {
        final long[] indexes = new long[sectors.size()];
        int count = 0;
        final Long2ObjectHashMap<Sector>.KeyIterator keys = sectors.keySet().iterator();
        while (keys.hasNext()) {
            indexes[count++] = keys.nextLong();
        }
        Arrays.sort(indexes);
        return indexes;
    }

    private boolean allocateSector(final long index) {
        if (allocated.get((int) index)) {
            return true;
        }
        if (!space.take()) {
            return false;
        }
        allocated.set((int) index);
        allocationChanged = true;
        return true;
    }

    private void free(final int firstSector) {
        final int before = allocated.cardinality();
        allocated.clear(firstSector, Math.max(firstSector, allocated.length()));
        space.give(before - allocated.cardinality());
        allocationChanged = true;
    }

    private void freeWhenUnused() {
        if (links == 0 && handles == 0) {
            space.give(allocated.cardinality());
        }
    }
}
