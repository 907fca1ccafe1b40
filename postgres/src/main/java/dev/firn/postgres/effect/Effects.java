package dev.firn.postgres.effect;

import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.WalRecord;

/** Takes records apart for an {@link EffectSink}. One thread owns an instance. */
public final class Effects {
    private final PostgresVersion version;

    /** Effects of a version's records. */
    public Effects(final PostgresVersion version) {
        this.version = version;
    }

    /** Tells the sink what a record does besides changing relation pages. */
    public void tell(final WalRecord record, final EffectSink sink) {
        throw new UnsupportedOperationException(version + ": " + record.lsn());
    }
}
