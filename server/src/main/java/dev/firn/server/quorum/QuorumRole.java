package dev.firn.server.quorum;

import dev.firn.server.role.Role;

/** A role that has something to say about WAL nodes or timelines. */
public interface QuorumRole extends Role {
    /** What it knows now; from any thread, also before the start and after the stop. Neither blocks nor does I/O. */
    QuorumSnapshot quorum();
}
