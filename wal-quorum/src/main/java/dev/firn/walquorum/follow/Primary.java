package dev.firn.walquorum.follow;

/** Reaches the server that is followed. Called on the control thread, and blocks, with deadlines. */
@FunctionalInterface
public interface Primary {
    /** @throws dev.firn.walquorum.pgwire.PgwireException when it cannot be reached or refuses. */
    PrimarySession connect();
}
