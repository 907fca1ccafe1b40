package dev.firn.columnar.transcode;

import dev.firn.compute.ComputeException;
import dev.firn.compute.instance.PostgresServer;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A database that a seed fills: its own types and tables, and then statements in transactions that commit, abort, have savepoints, are prepared, or are
 * cut off by a crash; beside them a second session that holds locks.
 */
final class RandomWorkload implements AutoCloseable {
    private static final int STEPS = 100;

    private final long seed;
    private final PostgresServer server;
    private final String database;
    private final SplittableRandom random;
    private final List<String> log = new ArrayList<>();
    private final RandomSession session;
    private final RandomSession other;
    private final RandomTypes types;
    private final RandomTables tables;
    private final RandomTables otherTables;
    private final List<String> prepared = new ArrayList<>();

    /** @param database exists, and has the types of SampleTables. */
    RandomWorkload(final long seed, final PostgresServer server, final String database, final int major)
            throws SQLException {
        this.seed = seed;
        this.server = server;
        this.database = database;
        random = new SplittableRandom(seed);
        final RandomNames names = new RandomNames(random.split());
        types = new RandomTypes(random.split(), names, major);
        session = new RandomSession(server, database, log);
        other = new RandomSession(server, database, log);
        tables = new RandomTables(random.split(), names, types, session);
        otherTables = new RandomTables(random.split(), names, types, other);
    }

    String database() {
        return database;
    }

    /** All statements, in their order. */
    List<String> log() {
        return log;
    }

    /** How many of a hundred statements succeeded. */
    int successes() {
        return 100 * session.done() / (session.done() + session.failed());
    }

    void run() throws SQLException, IOException {
        types.make(session);
        for (int i = 3 + random.nextInt(3); i > 0; i--) {
            tables.create();
        }
        final int crashAt = random.nextInt(STEPS * 3 / 2);
        for (int step = 0; step < STEPS; step++) {
            if (step == crashAt) {
                crash();
            }
            step();
        }
        if (session.isInTransaction()) {
            session.end(random.nextBoolean() ? "COMMIT" : "ROLLBACK");
        }
        other.end("ROLLBACK");
        endLockingPrepared();
    }

    /** A prepared transaction that has changed a definition lets nobody read the table; others stay prepared. */
    private void endLockingPrepared() {
        final boolean locking = !session.query(
                        "SELECT 1 FROM pg_locks WHERE pid IS NULL AND mode = 'AccessExclusiveLock'"
                                + " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
                .isEmpty();
        while (locking && !prepared.isEmpty()) {
            session.execute(
                    (random.nextBoolean() ? "COMMIT" : "ROLLBACK") + " PREPARED '" + prepared.removeLast() + "'");
        }
    }

    private void step() throws SQLException, IOException {
        switch (random.nextInt(20)) {
            case 0, 1 -> tables.alter();
            case 2 -> outside();
            case 3, 4, 5 -> transaction();
            case 6 -> besides();
            case 7 -> tables.create();
            default -> tables.write();
        }
    }

    /** What is not for a transaction's inside. */
    private void outside() throws SQLException, IOException {
        if (session.isInTransaction()) {
            transaction();
            return;
        }
        switch (random.nextInt(5)) {
            case 0 -> types.alter(session);
            case 1 -> tables.copyFrozen();
            default -> tables.maintain();
        }
    }

    private void transaction() throws SQLException {
        if (!session.isInTransaction()) {
            session.begin();
            return;
        }
        switch (random.nextInt(8)) {
            case 0, 1 -> session.savepoint();
            case 2 -> session.rollbackToSavepoint();
            case 3 -> session.releaseSavepoint();
            case 4 -> session.end("ROLLBACK");
            case 5 -> prepare();
            default -> session.end("COMMIT");
        }
    }

    private void prepare() {
        final String name = seed + " " + prepared.size();
        if (prepared.size() < 2 && session.execute("PREPARE TRANSACTION '" + name + "'")) {
            prepared.add(name);
        } else {
            session.end("ROLLBACK");
            if (!prepared.isEmpty()) {
                session.execute(
                        (random.nextBoolean() ? "COMMIT" : "ROLLBACK") + " PREPARED '" + prepared.removeLast() + "'");
            }
        }
    }

    /** The other session: writes and locks for a while, and sometimes ends never. */
    private void besides() throws SQLException {
        if (!other.isInTransaction()) {
            other.begin();
        }
        other.savepoint();
        otherTables.write();
        if (random.nextBoolean()) {
            other.rollbackToSavepoint();
        }
        otherTables.write();
        if (random.nextInt(3) == 0) {
            other.end(random.nextBoolean() ? "COMMIT" : "ROLLBACK");
        }
    }

    private void crash() throws SQLException {
        log.add("-- kill -9 of the server");
        crash(server);
        session.open();
        other.open();
    }

    /**
     * Kills a server and starts it again; a second time where the first one fails as Postgres' own recovery does after an aborted SET UNLOGGED (or
     * CREATE UNLOGGED TABLE): the abort has emptied the main fork, which stays until a checkpoint, and removed the init fork; the abort's record is not
     * on disk, so that redo makes the init fork again and keeps it; and ResetUnloggedRelations (storage/file/reinit.c) then copies it to a main fork
     * that is there. The next start finds the init fork at its beginning, and removes the main fork before.
     */
    static void crash(final PostgresServer server) {
        server.crash();
        try {
            server.start();
        } catch (final ComputeException e) {
            if (!e.getMessage().contains("could not create file")
                    || !e.getMessage().contains("File exists")) {
                throw e;
            }
            server.start();
        }
    }

    @Override
    public void close() throws SQLException {
        session.close();
        other.close();
    }
}
