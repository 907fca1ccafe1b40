/**
 * The commands, one class each: they read arguments, call the package that does the work, and print.
 *
 * <p>Standard output holds the result and nothing else; progress and errors go to standard error. Exit codes: 0 done, 1
 * failed or does not hold, 2 wrong usage. An error that the user can act on is a {@link dev.firn.server.CommandException}:
 * its message is the one sentence that is shown.
 *
 * <p>Fields are cheap and the work stands in {@code call()}: picocli makes an object of every command at each start.
 * Single-threaded; read {@link dev.firn.server.command.FirnCommand} first.
 */
package dev.firn.server.command;
