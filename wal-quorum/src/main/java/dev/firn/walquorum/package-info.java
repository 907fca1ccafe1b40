/**
 * The quorum WAL: what a majority of acceptors has flushed is committed.
 *
 * <pre>
 *   term       where two logs part, and what a majority is
 *   acceptor   a WAL node's part, as a pure state machine
 *   proposer   the only writer's part, as a pure state machine
 *   log        an acceptor's log on disk
 * </pre>
 *
 * <p>Stands: the two state machines and the rules between them ({@code docs/decisions/2026-11-21-quorum-protocol.md}), and the
 * log, without its trimming. Not yet: promises on disk, messages on the wire, follow mode's receiver, and the WAL archive; so
 * nothing runs on them.
 */
package dev.firn.walquorum;
