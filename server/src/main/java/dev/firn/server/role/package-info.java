/**
 * Roles and their supervisor.
 *
 * <p>A {@link dev.firn.server.role.Role} is one part of the system (storage, later WAL node, page server, catalog). The
 * {@link dev.firn.server.role.Supervisor} starts roles in order, watches their health, replaces a failed one after a
 * bounded back-off with a fresh object, and stops all in reverse order. Later parts join by one
 * {@link dev.firn.server.role.RoleSpec}.
 *
 * <p><b>Owner:</b> one thread a role calls start, health and stop, so a role needs no locks for its life cycle.
 * <b>Invariants:</b> an object is started at most once; it is stopped exactly once, whether or not its start succeeded;
 * the number of restarts without a quiet time between has a limit, after which the role stays down in sight, and an
 * essential one takes the process with it.
 */
package dev.firn.server.role;
