/**
 * Real faults: a running system, a Postgres whose commits wait for its quorum, a client of its own process that notes what was
 * acknowledged, and processes, disks and networks that fail. Whatever happens, each acknowledged row must be in what Firn holds.
 *
 * <p>{@link dev.firn.server.faults.RealFaultsTest} first: on one machine. {@link dev.firn.server.faults.HostFaultsTest}: on several
 * hosts, which are network namespaces. {@link dev.firn.server.faults.Evidence} is what both end with.
 *
 * <p><b>Owner:</b> the test's thread. <b>Invariants:</b> nothing runs on when a test is over, frozen processes included; a schedule is
 * drawn from a seed, which each message of a failure names.
 */
package dev.firn.server.faults;
