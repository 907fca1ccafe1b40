/**
 * The {@code firn} program: command line, roles under one supervisor, data directory, status endpoint.
 *
 * <ul>
 *   <li>{@link dev.firn.server.Main}: where the process begins; read it first
 *   <li>{@link dev.firn.server.command}: one class for each command
 *   <li>{@link dev.firn.server.up}: the system that {@code firn up} runs, from start to clean stop
 *   <li>{@link dev.firn.server.role}: what a role is, and who restarts it
 *   <li>{@link dev.firn.server.storage}: the role that proves, and goes on proving, that the data directory's disk works
 *   <li>{@link dev.firn.server.store}: objects between a store and files, for {@code firn store}
 *   <li>{@link dev.firn.server.postgres}: the stock Postgres that {@code firn up} runs itself
 *   <li>{@link dev.firn.server.home}: the data directory: its lock, its format, the record of the process that is up
 *   <li>{@link dev.firn.server.endpoint}: status, metrics and health over loopback HTTP
 * </ul>
 *
 * <p><b>Invariant:</b> a command loads only what it uses, so that {@code firn --help} answers at once.
 */
package dev.firn.server;
