package dev.firn.nativeio.memory;

/** What pages stand behind a region, best first. */
public enum PageBacking {
    /** Pages of 2 MiB from the host's pool (MAP_HUGETLB): there for certain, never split, never swapped. */
    HUGE("huge pages"),
    /** The kernel was asked for huge pages (MADV_HUGEPAGE) and gives them as it finds them. */
    TRANSPARENT_HUGE("transparent huge pages"),
    /** Ordinary pages: more TLB misses. */
    SMALL("small pages");

    private final String description;

    PageBacking(final String description) {
        this.description = description;
    }

    public String description() {
        return description;
    }
}
