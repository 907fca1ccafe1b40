package dev.firn.walquorum.follow;

import dev.firn.walquorum.pgwire.PgwireConfig;
import dev.firn.walquorum.pgwire.ReplicationConnection;
import dev.firn.walquorum.pgwire.SystemIdentity;
import dev.firn.walquorum.pgwire.WalStream;
import dev.firn.walquorum.pgwire.conninfo.ConnInfo;

/** A Postgres server, by its connection string. */
public final class PostgresPrimary implements Primary {
    private final ConnInfo info;
    private final PgwireConfig config;

    public PostgresPrimary(final ConnInfo info, final PgwireConfig config) {
        this.info = info;
        this.config = config;
    }

    @Override
    public PrimarySession connect() {
        return new Session(ReplicationConnection.connect(info, config));
    }

    record Session(ReplicationConnection connection) implements PrimarySession {
        @Override
        public String host() {
            return connection.host();
        }

        @Override
        public int major() {
            return connection.serverVersion().major();
        }

        @Override
        public SystemIdentity identifySystem() {
            return connection.identifySystem();
        }

        @Override
        public String show(final String setting) {
            return connection.show(setting);
        }

        @Override
        public boolean hasSlot(final String name) {
            return connection.readSlot(name).isPresent();
        }

        @Override
        public void createSlot(final String name) {
            connection.createPhysicalSlot(name, true);
        }

        @Override
        public byte[] timelineHistory(final int timeline) {
            return connection.timelineHistory(Integer.toUnsignedLong(timeline)).content();
        }

        @Override
        public WalStream stream(final String slot, final long lsn, final int timeline) {
            return connection.startReplication(slot, lsn, Integer.toUnsignedLong(timeline));
        }

        @Override
        public void close() {
            connection.close();
        }
    }
}
