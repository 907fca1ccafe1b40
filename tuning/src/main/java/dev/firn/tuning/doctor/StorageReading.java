package dev.firn.tuning.doctor;

import dev.firn.tuning.host.BlockDevice;
import dev.firn.tuning.host.BlockDevices;
import dev.firn.tuning.host.Bytes;
import dev.firn.tuning.host.Mount;
import dev.firn.tuning.host.MountTable;
import dev.firn.tuning.host.SystemTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The file system of the data directory, and the disks beneath it. */
record StorageReading(SystemTree tree, String dataDirectory) implements Reading {
    /** A whole system with its WAL segments preallocated. */
    static final long GOOD_FREE_BYTES = 10 * Bytes.GIB;

    private static final String AREA = "storage";
    private static final Set<String> GOOD_FILE_SYSTEMS = Set.of("ext4", "xfs");
    private static final Set<String> MEMORY_FILE_SYSTEMS = Set.of("tmpfs", "ramfs");
    private static final Set<String> NETWORK_FILE_SYSTEMS =
            Set.of("nfs", "nfs4", "cifs", "smb3", "ceph", "9p", "virtiofs");

    @Override
    public void addTo(final List<Finding> findings) {
        final String existing = nearestExisting();
        findings.add(directory(existing));
        findings.add(freeSpace(existing));
        final String real = tree.realName(existing).orElse(existing);
        final Optional<Mount> mount = MountTable.read(tree).holding(real);
        if (mount.isEmpty()) {
            findings.add(Finding.info(AREA, "file system", "unknown: /proc/self/mountinfo does not name it"));
            return;
        }
        findings.add(fileSystem(mount.get()));
        final List<BlockDevice> disks = new BlockDevices(tree).beneath(mount.get());
        if (disks.isEmpty()) {
            findings.add(Finding.info(
                    AREA,
                    "block device",
                    "none behind " + mount.get().fileSystem() + " ("
                            + mount.get().source() + ")"));
        }
        for (final BlockDevice disk : disks) {
            new DiskReading(disk).addTo(findings);
        }
    }

    private String nearestExisting() {
        Path path = Path.of(dataDirectory);
        while (path.getParent() != null && !tree.exists(path.toString())) {
            path = path.getParent();
        }
        return path.toString();
    }

    private Finding directory(final String existing) {
        final boolean there = existing.equals(dataDirectory);
        if (!tree.isDirectory(existing)) {
            return Finding.missing(
                    AREA,
                    "data directory",
                    dataDirectory,
                    existing + " is not a directory",
                    "choose another with --dir");
        }
        if (!Files.isWritable(tree.resolve(existing))) {
            return Finding.missing(
                    AREA,
                    "data directory",
                    dataDirectory,
                    "Firn cannot write in " + existing,
                    "give this user the directory, or choose another with --dir");
        }
        return Finding.ok(AREA, "data directory", there ? dataDirectory : dataDirectory + " (not made yet)");
    }

    private Finding freeSpace(final String existing) {
        try {
            final long free = Files.getFileStore(tree.resolve(existing)).getUsableSpace();
            return free >= GOOD_FREE_BYTES
                    ? Finding.ok(AREA, "free space", Bytes.format(free))
                    : Finding.degraded(
                            AREA,
                            "free space",
                            Bytes.format(free),
                            "WAL segments and layers may fill it; a WAL node that cannot write stops",
                            "free " + Bytes.format(GOOD_FREE_BYTES) + " or choose another directory with --dir");
        } catch (final IOException unreadable) {
            return Finding.info(AREA, "free space", "unknown: " + unreadable.getMessage());
        }
    }

    private Finding fileSystem(final Mount mount) {
        final String type = mount.fileSystem();
        final String value = type + " on " + mount.point() + " from " + mount.source() + " ("
                + String.join(",", mount.options()) + "; " + String.join(",", mount.superOptions()) + ")";
        if (mount.isReadOnly()) {
            return Finding.missing(
                    AREA,
                    "file system",
                    value,
                    "it is mounted read-only: nothing can be written",
                    "mount it with rw, or choose another directory with --dir");
        }
        if (mount.superOptions().contains("nobarrier") || mount.superOptions().contains("barrier=0")) {
            return Finding.degraded(
                    AREA,
                    "file system",
                    value,
                    "it is mounted without barriers: a flush does not reach the disk, and a power cut loses commits",
                    "mount it with barriers");
        }
        if (MEMORY_FILE_SYSTEMS.contains(type)) {
            return Finding.degraded(
                    AREA,
                    "file system",
                    value,
                    "it is memory: a restart of the host loses every commit",
                    "choose a directory on a disk with --dir");
        }
        if (NETWORK_FILE_SYSTEMS.contains(type)) {
            return Finding.degraded(
                    AREA,
                    "file system",
                    value,
                    "each flush crosses a network, and the lock on the directory is only as good as the server's",
                    "choose a directory on a local disk with --dir");
        }
        return GOOD_FILE_SYSTEMS.contains(type)
                ? Finding.ok(AREA, "file system", value)
                : Finding.degraded(
                        AREA,
                        "file system",
                        value,
                        type + " may copy on write or refuse O_DIRECT: writes cost more, and go through the page cache",
                        "use ext4 or xfs for the data directory");
    }
}
