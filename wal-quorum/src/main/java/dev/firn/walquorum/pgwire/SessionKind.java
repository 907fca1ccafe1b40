package dev.firn.walquorum.pgwire;

/** What a connection is for. */
enum SessionKind {
    /** A walsender for physical replication: it takes the replication grammar, and belongs to no database. */
    PHYSICAL_REPLICATION,
    /** An ordinary session, for SQL. */
    SQL
}
