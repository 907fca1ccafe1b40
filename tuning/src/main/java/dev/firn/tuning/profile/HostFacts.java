package dev.firn.tuning.profile;

import dev.firn.tuning.host.BlockDevice;
import dev.firn.tuning.host.BlockDevices;
import dev.firn.tuning.host.CommandLine;
import dev.firn.tuning.host.Cpus;
import dev.firn.tuning.host.Memory;
import dev.firn.tuning.host.SystemTree;
import java.util.List;

/** What a profile looks at to size its settings: read once for each command. */
record HostFacts(
        SystemTree tree,
        Memory memory,
        Cpus cpus,
        CommandLine commandLine,
        List<BlockDevice> disks,
        List<String> jvmArguments) {
    HostFacts {
        disks = List.copyOf(disks);
        jvmArguments = List.copyOf(jvmArguments);
    }

    static HostFacts read(final SystemTree tree, final List<String> jvmArguments) {
        return new HostFacts(
                tree,
                new Memory(tree),
                new Cpus(tree),
                CommandLine.read(tree),
                new BlockDevices(tree).disks(),
                jvmArguments);
    }

    /** True where systemd is the init: sd_booted(3). */
    boolean runsSystemd() {
        return tree.isDirectory("/run/systemd/system");
    }
}
