/**
 * Roles as processes of their own.
 *
 * <p>{@link dev.firn.server.process.RoleProcess} is the inside: what {@code firn run} does, one role with its directory, its
 * endpoint and its stop. {@link dev.firn.server.process.ChildRole} is the outside: such a process as {@code firn up} starts,
 * watches, and starts again.
 *
 * <p>A child ends with its parent: it reads its standard input, which the parent never writes to, and stops when that ends. The
 * kernel closes a pipe with the process that held it, however that died. ({@code PR_SET_PDEATHSIG} would fire when the parent's
 * <em>thread</em> that forked ends, and threads of a supervisor do.) A child that was stopped (SIGSTOP) while its parent died
 * does not notice; the next parent ends it by its record before it starts another in its place.
 *
 * <p><b>Owner:</b> a child's role belongs to its supervisor's thread; what it knows of the child is written by one watching
 * thread and read by all. <b>Invariants:</b> at most one process runs on a directory, by the lock that it holds; a process is
 * only ever signalled when its start time and boot say that it is the very one.
 */
package dev.firn.server.process;
