package dev.firn.server.role;

import java.util.function.Supplier;

/**
 * A role as the supervisor knows it.
 *
 * @param name how status, metrics and logs call it; unique in a supervisor.
 * @param factory makes the object for each start.
 * @param essential whether the process ends when the role stays down.
 */
public record RoleSpec(String name, Supplier<Role> factory, RestartPolicy policy, boolean essential) {}
