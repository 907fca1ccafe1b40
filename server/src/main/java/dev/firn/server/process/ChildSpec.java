package dev.firn.server.process;

import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * A role to be run as a process.
 *
 * @param name how status and logs call it; unique in a system.
 * @param role as {@code firn run} calls it.
 * @param system the data directory of the system that it belongs to: logs go there.
 * @param directory the role's own.
 * @param config makes the text of its configuration at each start.
 * @param heap its largest heap, as -Xmx takes it.
 */
public record ChildSpec(String name, String role, Path system, Path directory, Supplier<String> config, String heap) {}
