package dev.firn.tuning.profile;

import dev.firn.tuning.host.Bytes;
import java.util.ArrayList;
import java.util.List;

/** A host that is Firn's alone, with NVMe drives: latency before everything else. */
record BareMetalNvmeProfile() implements Profile {
    private static final long DIRTY_BACKGROUND_BYTES = 256 * Bytes.MIB;
    private static final long DIRTY_BYTES = Bytes.GIB;
    private static final int SWAPPINESS = 1;

    @Override
    public String name() {
        return "bare-metal-nvme";
    }

    @Override
    public List<Setting> settings(final HostFacts host) {
        final List<Setting> settings = new ArrayList<>();
        settings.add(LimitSettings.rings());
        settings.add(MemorySettings.hugePagePool(host));
        settings.add(MemorySettings.transparentHugePages());
        settings.add(MemorySettings.sharedMemoryHugePages());
        settings.add(MemorySettings.swappiness(SWAPPINESS));
        settings.addAll(MemorySettings.dirtyPages(DIRTY_BACKGROUND_BYTES, DIRTY_BYTES));
        settings.add(MemorySettings.numaBalancing(host));
        settings.addAll(BlockSettings.ofNvme(host));
        settings.addAll(ProcessorSettings.governors(host));
        settings.add(ProcessorSettings.clockSource(host));
        settings.add(ProcessorSettings.autogroup());
        settings.add(ProcessorSettings.statisticsInterval());
        settings.add(ProcessorSettings.lockupWatchdog());
        settings.addAll(LimitSettings.socketBuffers(LimitSettings.OWN_SOCKET_BUFFER_BYTES));
        settings.addAll(LimitSettings.ownHost(host));
        settings.addAll(ProcessorSettings.isolation(host));
        settings.addAll(heapFlags());
        settings.addAll(LeftAlone.settings());
        return settings;
    }

    private static List<Setting> heapFlags() {
        return List.of(
                Setting.jvmFlag(
                        "-XX:+UseTransparentHugePages",
                        "The heap asks for huge pages: fewer TLB misses while ZGC marks and relocates."),
                Setting.jvmFlag(
                        "-XX:+AlwaysPreTouch",
                        "The heap's pages are faulted in at the start and not under the first commits."));
    }
}
