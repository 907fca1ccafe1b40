package dev.firn.tuning.profile;

import dev.firn.tuning.host.Bytes;
import java.util.ArrayList;
import java.util.List;

/** A virtual machine, or a host with other tenants: nothing set aside, nothing that takes from the neighbours. */
record SharedVmProfile() implements Profile {
    private static final long DIRTY_BACKGROUND_BYTES = 64 * Bytes.MIB;
    private static final long DIRTY_BYTES = 256 * Bytes.MIB;
    private static final int SWAPPINESS = 10;

    @Override
    public String name() {
        return "shared-vm";
    }

    @Override
    public List<Setting> settings(final HostFacts host) {
        final List<Setting> settings = new ArrayList<>();
        settings.add(LimitSettings.rings());
        settings.add(MemorySettings.hugePagesOnDemand(host));
        settings.add(MemorySettings.transparentHugePages());
        settings.add(MemorySettings.swappiness(SWAPPINESS));
        settings.addAll(MemorySettings.dirtyPages(DIRTY_BACKGROUND_BYTES, DIRTY_BYTES));
        settings.addAll(BlockSettings.ofSharedDisks(host));
        settings.add(ProcessorSettings.clockSource(host));
        settings.add(ProcessorSettings.haltPoll(host));
        settings.addAll(LimitSettings.socketBuffers(LimitSettings.SHARED_SOCKET_BUFFER_BYTES));
        settings.addAll(LimitSettings.sharedHost(host));
        return settings;
    }
}
