/**
 * One Postgres: its cluster, its process and everything that belongs to it.
 *
 * <p>{@link dev.firn.compute.instance.PostgresServer} owns a directory ({@code data/}, {@code socket/}, {@code server.log}), at
 * most one postmaster in it, and that postmaster's children. It is confined to one thread at a time by its own lock.
 *
 * <p>Invariants: a postmaster that was started is stopped, killed, or dies with the JVM: by the shutdown hook, or, where the JVM
 * gets no chance to run one, by the kernel's parent-death signal. A method that says a server is gone has seen that no process
 * has the data directory as its working directory, which every Postgres process has.
 */
package dev.firn.compute.instance;
