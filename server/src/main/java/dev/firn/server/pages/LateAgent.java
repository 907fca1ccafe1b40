package dev.firn.server.pages;

import java.util.function.Supplier;
import org.agrona.concurrent.Agent;

/**
 * An agent that is made on its own thread, when that starts: what it opens (sessions of an object store, endpoints) belongs to the
 * thread that opened it.
 *
 * @param <A> what is made.
 */
final class LateAgent<A extends Agent> implements Agent {
    private final String name;
    private final Supplier<A> factory;
    private volatile A agent;

    LateAgent(final String name, final Supplier<A> factory) {
        this.name = name;
        this.factory = factory;
    }

    /** Null before the start. From any thread. */
    A get() {
        return agent;
    }

    @Override
    public String roleName() {
        return name;
    }

    @Override
    public void onStart() {
        final A made = factory.get();
        try {
            made.onStart();
        } catch (final RuntimeException | Error e) {
            made.onClose();
            throw e;
        }
        agent = made;
    }

    @Override
    public int doWork() throws Exception {
        return agent.doWork();
    }

    @Override
    public void onClose() {
        if (agent != null) {
            agent.onClose();
        }
    }
}
