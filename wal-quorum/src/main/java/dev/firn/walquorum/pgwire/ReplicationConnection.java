package dev.firn.walquorum.pgwire;

import dev.firn.postgres.lsn.Lsn;
import dev.firn.walquorum.pgwire.conninfo.ConnInfo;
import java.util.List;
import java.util.Optional;

/**
 * A session of Postgres' walsender: the control path of replication. Each call blocks until it is answered, with a deadline.
 *
 * <p>Whatever fails throws {@link PgwireException}; an error of the server is a {@link PostgresException} with its SQLSTATE. After
 * an error of severity ERROR the connection can be used on; {@link #isOpen} tells.
 */
public final class ReplicationConnection implements AutoCloseable {
    private final Session session;
    private final ServerVersion version;

    private ReplicationConnection(final Session session, final ServerVersion version) {
        this.session = session;
        this.version = version;
    }

    /**
     * Connects to the first of the hosts that takes the connection, and authenticates.
     *
     * @throws PgwireException also when the server's version is none that is supported.
     */
    public static ReplicationConnection connect(final ConnInfo info, final PgwireConfig config) {
        final Session session = SessionOpener.open(info, config, SessionKind.PHYSICAL_REPLICATION);
        final ServerVersion version = ServerVersion.parse(session.parameter("server_version"));
        if (!SupportedMajor.includes(version.major())) {
            session.terminate();
            throw PgwireException.refused("Postgres at " + session.host() + " is version " + version.text()
                    + ", and Firn follows " + SupportedMajor.listed());
        }
        return new ReplicationConnection(session, version);
    }

    /** The server's version, of a major one that is supported. */
    public ServerVersion serverVersion() {
        return version;
    }

    /** Whether SCRAM and all else go through TLS. */
    public boolean isTls() {
        return session.channel().isTls();
    }

    public boolean isOpen() {
        return !session.isClosed();
    }

    /** The host that took the connection, as messages call it. */
    public String host() {
        return session.host();
    }

    // --- questions ----------------------------------------------------------------------------------------------

    public SystemIdentity identifySystem() {
        final String command = "IDENTIFY_SYSTEM";
        final ResultSet row = oneRow(session.execute(command, command), command, 3);
        try {
            return new SystemIdentity(
                    Long.parseUnsignedLong(row.text(0, 0)), Long.parseLong(row.text(0, 1)), Lsn.parse(row.text(0, 2)));
        } catch (final IllegalArgumentException e) {
            throw malformed(command, e);
        }
    }

    /** A server setting, as SHOW prints it. */
    public String show(final String setting) {
        if (!setting.matches("[A-Za-z_][A-Za-z0-9_.]*")) {
            throw new IllegalArgumentException("\"" + setting + "\" is no name of a setting");
        }
        final String command = "SHOW " + setting;
        return oneRow(session.execute(command, command), command, 1).text(0, 0);
    }

    /** The history of a timeline after the first, which has none. */
    public TimelineHistory timelineHistory(final long timeline) {
        final String command = "TIMELINE_HISTORY " + Timelines.require(timeline);
        final ResultSet row = oneRow(session.execute(command, command), command, 2);
        if (row.rows().getFirst()[0] == null || row.rows().getFirst()[1] == null) {
            throw malformed(command, null);
        }
        return new TimelineHistory(row.text(0, 0), row.rows().getFirst()[1]);
    }

    /** Any other command of the replication grammar that answers with one result set. A walsender takes no SQL. */
    public QueryResult query(final String command) {
        final List<ResultSet> results = session.execute(command, "a command");
        return results.isEmpty() ? QueryResult.EMPTY : results.getLast().texts();
    }

    // --- slots --------------------------------------------------------------------------------------------------

    /**
     * @param isWalReserved whether the slot keeps WAL from now on, not only from the first status.
     */
    public void createPhysicalSlot(final String name, final boolean isWalReserved) {
        session.execute(
                "CREATE_REPLICATION_SLOT " + Quoting.identifier(name) + " PHYSICAL"
                        + (isWalReserved ? " (RESERVE_WAL true)" : ""),
                "the replication slot " + name);
    }

    /** Empty when there is none of that name. */
    public Optional<SlotState> readSlot(final String name) {
        final String command = "READ_REPLICATION_SLOT " + Quoting.identifier(name);
        final ResultSet row = oneRow(session.execute(command, "to show the replication slot " + name), command, 3);
        if (row.text(0, 0) == null) {
            return Optional.empty();
        }
        try {
            final String lsn = row.text(0, 1);
            final String timeline = row.text(0, 2);
            return Optional.of(new SlotState(
                    name, lsn == null ? Lsn.INVALID : Lsn.parse(lsn), timeline == null ? 0 : Long.parseLong(timeline)));
        } catch (final IllegalArgumentException e) {
            throw malformed(command, e);
        }
    }

    /** @param waits whether to wait until nobody uses it; else that is an error, 55006. */
    public void dropSlot(final String name, final boolean waits) {
        session.execute(
                "DROP_REPLICATION_SLOT " + Quoting.identifier(name) + (waits ? " WAIT" : ""),
                "to drop the replication slot " + name);
    }

    // --- streams ------------------------------------------------------------------------------------------------

    /**
     * Takes a base backup; returns when the server has sent all of it.
     *
     * @throws PgwireException when the backup has failed: what the handler got is then of no use.
     */
    public BaseBackupEnd baseBackup(final BaseBackupOptions options, final BaseBackupHandler handler) {
        return new BaseBackup(session, handler).run(options);
    }

    /**
     * Starts streaming. Until the stream has ended with {@link WalStreamHandler#onEnd}, nothing else can be asked on this
     * connection. What is wrong with the position (gone, or ahead of the server) comes with the first
     * {@link WalStream#poll}s, as the server first agrees to stream.
     *
     * @param slot     null for none.
     * @param lsn      where to begin; the start of a segment is what Postgres' own receiver asks for.
     * @param timeline of which the WAL is wanted.
     */
    public WalStream startReplication(final String slot, final long lsn, final long timeline) {
        return PostgresWalStream.start(session, slot, lsn, timeline);
    }

    // --- steps --------------------------------------------------------------------------------------------------

    private ResultSet oneRow(final List<ResultSet> results, final String command, final int columns) {
        if (results.size() != 1
                || results.getFirst().rows().size() != 1
                || results.getFirst().columns().length < columns) {
            throw malformed(command, null);
        }
        return results.getFirst();
    }

    private PgwireException malformed(final String command, final Exception cause) {
        final PgwireException violation = session.violation("an answer to " + command + " that makes no sense");
        if (cause != null) {
            violation.addSuppressed(cause);
        }
        return violation;
    }

    /** Says goodbye, and hangs up. Idempotent. */
    @Override
    public void close() {
        session.terminate();
    }
}
