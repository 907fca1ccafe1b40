package dev.firn.tuning.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds the disks of the host, and those beneath a file system. */
public final class BlockDevices {
    /** Device mapper on RAID on device mapper is deep; more than this is a loop in a broken tree. */
    private static final int MAX_STACK = 8;

    private static final Pattern NOT_A_DISK = Pattern.compile("(loop|ram|zram|dm-|md|sr|fd|nbd|mtdblock).*");

    private final SystemTree tree;

    public BlockDevices(final SystemTree tree) {
        this.tree = tree;
    }

    /** Every real or virtual disk; no loop device, no memory disk, nothing that is stacked on others. */
    public List<BlockDevice> disks() {
        final List<BlockDevice> disks = new ArrayList<>();
        for (final String name :
                tree.list("/sys/block", entry -> !NOT_A_DISK.matcher(entry).matches())) {
            if (tree.exists("/sys/block/" + name + "/queue")) {
                tree.realName("/sys/block/" + name).ifPresent(found -> disks.add(new BlockDevice(tree, found)));
            }
        }
        return disks;
    }

    /**
     * The disks that a mount's bytes end on: one, several beneath RAID or LVM, or none for memory, network and overlay
     * file systems.
     */
    public List<BlockDevice> beneath(final Mount mount) {
        final List<BlockDevice> found = new ArrayList<>();
        directoryOf(mount).ifPresent(directory -> collect(directory, found, 0));
        return found;
    }

    /** btrfs has an anonymous device number; its source still names the device. */
    private Optional<String> directoryOf(final Mount mount) {
        final Optional<String> byNumber = tree.realName("/sys/dev/block/" + mount.device());
        if (byNumber.isPresent() || !mount.source().startsWith("/dev/")) {
            return byNumber;
        }
        final String device = tree.realName(mount.source()).orElse(mount.source());
        return tree.realName("/sys/class/block/" + device.substring(device.lastIndexOf('/') + 1));
    }

    private void collect(final String directory, final List<BlockDevice> found, final int depth) {
        final String disk =
                tree.exists(directory + "/partition") ? directory.substring(0, directory.lastIndexOf('/')) : directory;
        final List<String> slaves = tree.list(disk + "/slaves", name -> true);
        if (slaves.isEmpty() || depth == MAX_STACK) {
            if (found.stream().noneMatch(known -> disk.endsWith("/" + known.name()))) {
                found.add(new BlockDevice(tree, disk));
            }
            return;
        }
        for (final String slave : slaves) {
            tree.realName(disk + "/slaves/" + slave).ifPresent(real -> collect(real, found, depth + 1));
        }
    }
}
