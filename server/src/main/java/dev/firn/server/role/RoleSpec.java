package dev.firn.server.role;

import java.util.function.Supplier;

/**
 * A role as the supervisor knows it.
 *
 * @param name how status, metrics and logs call it; unique in a supervisor.
 * @param factory makes the object for each start.
 * @param essential whether the process ends when the role stays down.
 * @param patient whether a first start that fails is tried again, like any other; else it is told to who asked for it.
 */
public record RoleSpec(String name, Supplier<Role> factory, RestartPolicy policy, boolean essential, boolean patient) {
    public RoleSpec(
            final String name, final Supplier<Role> factory, final RestartPolicy policy, final boolean essential) {
        this(name, factory, policy, essential, false);
    }
}
