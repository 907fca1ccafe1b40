/**
 * The quorum WAL: what a majority of acceptors has flushed is committed.
 *
 * <pre>
 *   term       where two logs part, and what a majority is
 *   acceptor   a WAL node's part, as a pure state machine
 *   proposer   the only writer's part, as a pure state machine
 *   log        an acceptor's log on disk
 *   wire       what nodes say to each other
 *   node       a WAL node: the acceptors of many logs, and their readers
 *   reader     committed WAL, read from whichever node has it
 *   stream     WAL on its way into the quorum
 *   pgwire     Postgres' replication protocol
 *   follow     follow mode: a running Postgres' WAL into the quorum
 *   catalog    which timelines there are
 *   archive    finished WAL segments in the object store
 *   backup     base backups in the object store
 *   json       what archive and backups are described by
 *   simulation the quorum in a simulated world
 * </pre>
 *
 * <p>The rules between the two state machines: {@code docs/decisions/2026-11-21-quorum-protocol.md}.
 */
package dev.firn.walquorum;
