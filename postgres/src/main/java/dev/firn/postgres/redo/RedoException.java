package dev.firn.postgres.redo;

import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.wal.ResourceManager;
import dev.firn.postgres.wal.WalOperations;
import dev.firn.postgres.wal.WalRecord;

/** A record that does not fit the page that it changes, that contradicts itself, or that nobody knows: which one, where, and why. */
public final class RedoException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long lsn;

    private RedoException(final long lsn, final String message, final Throwable cause) {
        super("WAL record at " + Lsn.format(lsn) + ": " + message, cause);
        this.lsn = lsn;
    }

    /**
     * What went wrong with a record.
     *
     * @param where continues the record's description: {@code ", page such and such"}, or nothing.
     * @param cause its message says why.
     */
    public static RedoException of(final WalRecord record, final String where, final RuntimeException cause) {
        final ResourceManager manager = ResourceManager.ofId(record.resourceManagerId());
        final String operation = WalOperations.name(record.version(), record.resourceManagerId(), record.info());
        return new RedoException(
                record.lsn(),
                "%s %s (info 0x%02X)%s: %s"
                        .formatted(
                                manager == null
                                        ? "resource manager " + record.resourceManagerId()
                                        : manager.displayName(),
                                operation == null ? "unknown operation" : operation,
                                record.info(),
                                where,
                                cause.getMessage()),
                cause);
    }

    /** Where the record starts. */
    public long lsn() {
        return lsn;
    }
}
