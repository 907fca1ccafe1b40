package dev.firn.tuning.profile;

import java.util.List;

/** A named list of settings, sized for a host. */
interface Profile {
    String name();

    /** In the order in which they are applied: a disk's scheduler before its queue depth. */
    List<Setting> settings(HostFacts host);
}
