package dev.firn.nativeio.wakeup;

import dev.firn.nativeio.agent.AgentThread;
import dev.firn.nativeio.agent.AgentThreadConfig;
import dev.firn.nativeio.agent.FailureHandler;
import dev.firn.nativeio.agent.RunningAgent;
import java.util.Optional;
import org.agrona.concurrent.Agent;

/** Decides which thread an agent runs on. */
@FunctionalInterface
public interface AgentHost {
    /** Each has a thread of its own. */
    AgentHost OWN_THREADS = (agent, config, waits, handler) ->
            AgentThread.start(agent, waits.map(config::wokenBy).orElse(config), handler);

    /**
     * Returns when the agent is about to start: what its {@code onStart} throws goes to the handler.
     *
     * @param config how its thread runs, as far as that is its own.
     * @param waits what it sleeps by; empty when it has to look from time to time. The agent's until it has ended.
     * @param handler hears once of its failure, on the thread that runs it.
     */
    RunningAgent start(Agent agent, AgentThreadConfig config, Optional<WaitSet> waits, FailureHandler handler);
}
