package dev.firn.walquorum.follow;

import dev.firn.walquorum.pgwire.SystemIdentity;
import dev.firn.walquorum.pgwire.WalStream;

/**
 * What a follower asks of a server: a replication connection, or what stands for one in a simulation. What fails throws
 * {@link dev.firn.walquorum.pgwire.PgwireException}.
 */
public interface PrimarySession extends AutoCloseable {
    /** For messages. */
    String host();

    int major();

    SystemIdentity identifySystem();

    /** A setting, as SHOW prints it. */
    String show(String setting);

    boolean hasSlot(String name);

    /** One that keeps WAL from now on. */
    void createSlot(String name);

    /** The content of a timeline's history file. */
    byte[] timelineHistory(int timeline);

    WalStream stream(String slot, long lsn, int timeline);

    /** Idempotent. */
    @Override
    void close();
}
