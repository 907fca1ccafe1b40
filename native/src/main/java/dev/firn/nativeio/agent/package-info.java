/**
 * Threads that run Agrona agents: {@link dev.firn.nativeio.agent.AgentThread} first.
 *
 * <p>The duty cycle, the idle strategies and the composition of several agents on one thread
 * ({@code CompositeAgent}) are Agrona's; agents that come and go by themselves share a
 * {@link dev.firn.nativeio.wakeup.SharedThread}. Here stands what Firn adds: an
 * {@link dev.firn.nativeio.agent.IdleProfile} chosen by name, CPUs that a thread is pinned to
 * ({@link dev.firn.nativeio.agent.CpuSet}, {@link dev.firn.nativeio.agent.CpuAffinity}), the rule for failures, a close
 * that ends, and {@link dev.firn.nativeio.agent.DutyCycleCounters}.
 *
 * <p><b>Owner.</b> An agent's state belongs to the thread that runs it, from {@code onStart} to {@code onClose}. An
 * {@link dev.firn.nativeio.agent.AgentThread} may be closed and read from any thread.
 *
 * <p><b>Invariants.</b> After a throw an agent does no more work. Its
 * {@link dev.firn.nativeio.agent.FailureHandler} hears of it exactly once, at once, on the agent's own thread; who
 * handles it logs it. An agent that is interrupted, but not closed, has failed too.
 */
package dev.firn.nativeio.agent;
