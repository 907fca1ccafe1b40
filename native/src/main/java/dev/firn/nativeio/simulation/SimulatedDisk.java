package dev.firn.nativeio.simulation;

import dev.firn.nativeio.storage.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * One host's disk with its file system: the platters, which outlive everything, and the page cache, which outlives a
 * process but not the power.
 *
 * <h2>The fault model</h2>
 *
 * <p><b>Sectors.</b> A file's content is an array of sectors of {@link DiskGeometry#sectorBytes()}. A write is visible to
 * reads from one instant between its submission and its completion on, and volatile until a sync: a sector keeps every
 * version written since (at most {@value Sector#MAX_VERSIONS}; past it, one that no sync owes is forgotten). Buffered and
 * direct files differ in alignment only: a direct write sits in the drive's cache instead of the kernel's.
 *
 * <p><b>Sync</b> (fsync and fdatasync alike) makes durable, by its completion: of each sector the newest version whose write
 * had completed when the sync started, and the length of that instant, with the space. A write that was in flight when
 * the sync started may be covered or not. Syncing a file says nothing about its directory entry. A durable write
 * ({@link dev.firn.nativeio.storage.Ring#DURABLE}) does that for its own sectors, and for the length, by its completion.
 *
 * <p><b>Loss of power</b> ({@link #crash}) chooses for every unsynced sector by itself, so writes are reordered freely:
 * <ul>
 *   <li>the durable version or any of the unsynced ones stays;
 *   <li>with probability {@link DiskFaults#tornSector()}, when it is one of the unsynced ones: its first 1..n-1 bytes with
 *       the rest of an earlier version (durable included); with probability 0 a sector is atomic;
 *   <li>of a write in flight, any subset of the sectors counts as written. An allocation in flight has happened or not.
 * </ul>
 * The file's length is the durable one or any that it had since, chosen apart from the sectors: a longer file than its data
 * reads as zeros there. Truncation is ordered with the lengths: when it survives, nothing it cut off comes back; when it
 * does not, neither do its zeros. Allocated space that was not synced and not written is free again.
 *
 * <p><b>Names.</b> A creation, deletion or rename survives or not, each by itself, but never without earlier ones of the same
 * entry; a rename, also across directories and over an existing file, happens as a whole or not at all. It is durable once
 * every directory it touches was synced after it. A file whose entry is lost is lost with all that was synced in it, and so
 * is all below a directory whose entry is lost.
 *
 * <p><b>Extended attributes</b> are visible at once and volatile until a sync of the file that started after them; each crash
 * leaves the durable ones, or those of any instant since.
 *
 * <p><b>Death of the process</b> ({@link #killProcess}) loses nothing that was visible. Of a write in flight, any subset of
 * the sectors is written.
 *
 * <p><b>Errors</b>, by chance ({@link DiskFaults}) or aimed ({@link FaultRule}):
 * <ul>
 *   <li>EIO on read: the buffer holds garbage;
 *   <li>EIO on write: any subset of its sectors was written;
 *   <li>EIO on sync: as on Linux, the file's unsynced data become clean without being durable: on the platter is any of a
 *       sector's versions; reads see what was written or what is on the platter. A sync in flight beside it fails too; later
 *       ones succeed and make nothing of it durable. The length stays to be synced;
 *   <li>EIO on the sync of a directory: the changes it was to cover are covered by no later sync either;
 *   <li>ENOSPC when {@link DiskGeometry#capacityBytes()} is used up: a write moves what fits (on a ring: a short result); an
 *       allocation keeps the space that it got and does not change the length. Space counts from the first write or
 *       allocation of a sector until the last name and the last handle of the file are gone;
 *   <li>short reads and writes on a ring, in multiples of the alignment on a direct file;
 *   <li>a flipped bit in a clean sector, found by a read and there to stay ({@link DiskFaults#bitFlip()}, {@link #flipBit});
 *   <li>EINVAL for a direct file when address, offset or length is not aligned; a read at or past the end returns 0 before
 *       that is looked at, as ext4 does through iomap_dio_rw. Some drives take any address; this one never does, EBADF for writing to a file opened for reading, EFBIG past 64 GiB.
 * </ul>
 *
 * <p><b>Not modelled:</b> misdirected writes, syncs that lie, read errors that come and go by sector, directories that run
 * full, permissions.
 *
 * <p>Blocking calls take no virtual time. Power may fail inside one ({@link #powerLossAfter}): before it had any effect or
 * when it had all of it; the caller then gets a {@link HostDownError}.
 */
public final class SimulatedDisk {
    private static final int STRIKE_OFF = 0;
    private static final long ROOT_INODE = 2;

    private final Scheduler scheduler;
    private final int node;
    private final long seed;
    private final DiskGeometry geometry;
    private final RandomGenerator random;
    private final FaultPlan plan;
    private final Space space;
    private final NameSpace names = new NameSpace();
    private final List<SimulatedStorage> mounts = new ArrayList<>();
    private final List<SimulatedFile> files = new ArrayList<>();
    private final List<SimulatedRing> rings = new ArrayList<>();
    private final TreeSet<String> locks = new TreeSet<>();
    private Runnable powerLossListener = () -> {};
    private int operationsToStrike = STRIKE_OFF;
    private boolean strikesAtEnd;
    private long ringsOpened;
    private long inodes;

    /**
     * @param node whose disk it is, for the trace and for the seed of its faults.
     */
    public SimulatedDisk(
            final Scheduler scheduler,
            final int node,
            final long seed,
            final DiskGeometry geometry,
            final DiskFaults faults) {
        this.scheduler = scheduler;
        this.node = node;
        this.seed = seed;
        this.geometry = geometry;
        this.random = Seeds.generator(seed, "disk", node);
        this.plan = new FaultPlan(scheduler.trace(), node, Seeds.generator(seed, "disk-faults", node), faults);
        this.space = new Space(geometry.capacityBytes() / geometry.sectorBytes());
    }

    /** The disk as a process that starts now sees it. */
    public Storage mount() {
        final SimulatedStorage storage = new SimulatedStorage(this, new Life());
        mounts.add(storage);
        return storage;
    }

    /** Power is lost: every storage, file and ring is dead, and what was not synced is as the fault model says. */
    public void crash() {
        trace().fault(FaultKind.POWER_LOSS, node, "", 0, 0);
        endLives("power was lost");
        final CrashDice dice = new CrashDice(random, plan.faults().tornSector());
        names.crash(dice, trace(), node);
        space.give(space.usedSectors());
        names.forEachFile((name, file) -> {
            file.crash(dice, trace(), node, name);
            file.linked();
            space.count(file.allocatedSectors());
        });
        powerLossListener.run();
    }

    /** The processes that use the disk die; what they had written is still in the page cache. */
    public void killProcess() {
        trace().fault(FaultKind.PROCESS_KILL, node, "", 0, 0);
        endProcess("the process was killed");
    }

    /** The process has ended: what it left open is given back. */
    void endProcess(final String how) {
        final List<SimulatedFile> open = List.copyOf(files);
        endLives(how);
        open.forEach(SimulatedFile::abandon);
    }

    /** Power is lost inside the n-th operation from now, by ring or blocking call; 0 takes it back. */
    public void powerLossAfter(final int operations) {
        operationsToStrike = operations;
        strikesAtEnd = false;
    }

    /** Whether a loss of power inside an operation is still to come. */
    public boolean powerLossPending() {
        return operationsToStrike > 0 || strikesAtEnd;
    }

    /** What to do besides when power is lost: the host's other parts go down with it. */
    public void onPowerLoss(final Runnable listener) {
        powerLossListener = listener;
    }

    /** Replaces what goes wrong by chance. */
    public void setFaults(final DiskFaults faults) {
        plan.replace(faults);
    }

    /** Adds an aimed fault, behind those that are there. */
    public void inject(final FaultRule rule) {
        plan.add(rule);
    }

    public void clearInjected() {
        plan.clearRules();
    }

    /**
     * Flips a bit in the sector at this offset, for good.
     *
     * @return false when the sector is not clean or was never written: then nothing has changed.
     */
    public boolean flipBit(final String name, final long fileOffset) {
        return names.find(name) instanceof FileImage file && flip(file, name, fileOffset);
    }

    /** Changes how much fits; what is there stays. */
    public void setCapacity(final long capacityBytes) {
        space.resize(capacityBytes / geometry.sectorBytes());
    }

    public long usedBytes() {
        return space.usedSectors() * geometry.sectorBytes();
    }

    public DiskGeometry geometry() {
        return geometry;
    }

    /** Files that are open: for leak checks. */
    public int openFiles() {
        return files.size();
    }

    /** Rings that are open: for leak checks. */
    public int openRings() {
        return rings.size();
    }

    Scheduler scheduler() {
        return scheduler;
    }

    Trace trace() {
        return scheduler.trace();
    }

    int node() {
        return node;
    }

    NameSpace names() {
        return names;
    }

    FaultPlan plan() {
        return plan;
    }

    DiskFaults faults() {
        return plan.faults();
    }

    RandomGenerator random() {
        return random;
    }

    FileImage newFile() {
        return new FileImage(geometry.sectorBytes(), space, newInode(), scheduler.nowNs());
    }

    Directory newDirectory() {
        return new Directory(newInode());
    }

    /** What the file system gives as the time of a change: it has no clock but the simulation's. */
    long changeTimeNs() {
        return scheduler.nowNs();
    }

    private long newInode() {
        return ROOT_INODE + ++inodes;
    }

    CrashDice dice() {
        return new CrashDice(random, plan.faults().tornSector());
    }

    RandomGenerator ringRandom() {
        return Seeds.generator(seed, "ring-" + node, ringsOpened++);
    }

    void onFileOpened(final SimulatedFile file) {
        files.add(file);
    }

    void onFileClosed(final SimulatedFile file) {
        files.removeIf(one -> one.equals(file));
    }

    void onRingOpened(final SimulatedRing ring) {
        rings.add(ring);
    }

    void onRingClosed(final SimulatedRing ring) {
        rings.removeIf(one -> one.equals(ring));
    }

    /** @param lock a directory, or the file of a {@link dev.firn.nativeio.storage.FileLock}. */
    boolean takeLock(final String lock) {
        return locks.add(lock);
    }

    void releaseLock(final String lock) {
        locks.remove(lock);
    }

    /** A blocking operation begins: power may fail here. */
    void enter(final Life life) {
        life.check();
        if (strikes()) {
            if (random.nextBoolean()) {
                crash();
                life.check();
            }
            strikesAtEnd = true;
        }
    }

    /** A blocking operation has had its effect: power may fail before the caller learns of it. */
    void leave(final Life life) {
        if (strikesAtEnd) {
            strikesAtEnd = false;
            crash();
        }
        life.check();
    }

    /** A ring's operation is about to have its effect. True when power failed instead; the ring is dead then. */
    boolean failsAtRingOperation() {
        if (strikes()) {
            crash();
            return true;
        }
        return false;
    }

    /** By chance a read of this range finds a flipped bit. */
    void decay(final FileImage file, final String name, final long offset, final long count) {
        if (count > 0 && Seeds.happens(random, plan.faults().bitFlip())) {
            flip(file, name, offset + random.nextLong(count));
        }
    }

    private boolean flip(final FileImage file, final String name, final long offset) {
        final boolean flipped = file.flipBit(offset, random);
        if (flipped) {
            trace().fault(FaultKind.BIT_FLIPPED, node, name, offset, 0);
        }
        return flipped;
    }

    private boolean strikes() {
        return operationsToStrike > 0 && --operationsToStrike == 0;
    }

    private void endLives(final String how) {
        operationsToStrike = STRIKE_OFF;
        strikesAtEnd = false;
        List.copyOf(rings).forEach(SimulatedRing::die);
        mounts.forEach(storage -> storage.end(how));
        rings.clear();
        mounts.clear();
        files.clear();
        locks.clear();
    }
}
