package dev.firn.pagestore.timeline;

import dev.firn.pagestore.ingest.BaseFiles;
import dev.firn.postgres.version.PostgresVersion;
import java.util.Objects;

/**
 * A timeline to be opened.
 *
 * @param timelineId the id of its quorum log.
 * @param base its base backup, owned by the shard's thread from here on; null for a branch.
 * @param baseBackup the key of the backup's description; empty for a branch.
 * @param parent the name of the timeline that it is a branch of, which is open; empty when it is none.
 * @param branchLsn where it left its parent; 0 without.
 */
public record TimelineSpec(
        String name,
        long timelineId,
        PostgresVersion version,
        long systemIdentifier,
        int walSegmentBytes,
        BaseFiles base,
        String baseBackup,
        String parent,
        long branchLsn) {
    public TimelineSpec {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(baseBackup, "baseBackup");
        Objects.requireNonNull(parent, "parent");
        if ((base == null) == parent.isEmpty()) {
            throw new IllegalArgumentException("timeline " + name + " has a base backup or a parent, one of both");
        }
    }

    /** A branch of a timeline of the same cluster. */
    public static TimelineSpec branch(
            final TimelineSpec parent, final String name, final long timelineId, final long branchLsn) {
        return new TimelineSpec(
                name,
                timelineId,
                parent.version,
                parent.systemIdentifier,
                parent.walSegmentBytes,
                null,
                "",
                parent.name,
                branchLsn);
    }

    boolean isBranch() {
        return base == null;
    }
}
