/**
 * The object store of a running system, and the role that answers for it: it proves at start that the store can write, read
 * back, delete and refuse a second create, goes on proving all but the last every few seconds, and sweeps what crashes have
 * left in the store.
 *
 * <p>{@link dev.firn.server.objectstore.StoreRole} first; {@link dev.firn.server.objectstore.StoreProbe} has the proof,
 * {@link dev.firn.server.objectstore.SystemStore} what is opened and closed.
 *
 * <p><b>Owner:</b> the role's agent opens the session and alone touches it, the probe and the sweep; what others read leaves it
 * through one volatile record. <b>Invariants:</b> the agent never blocks; at most one proof and one sweep are under way; a
 * store that fails after it was admitted makes the role degraded, never failed; the store is closed after its sessions, or not
 * at all when one of them hangs.
 */
package dev.firn.server.objectstore;
