package dev.firn.nativeio.wakeup;

import dev.firn.nativeio.agent.AgentStuckException;
import dev.firn.nativeio.agent.AgentThread;
import dev.firn.nativeio.agent.AgentThreadConfig;
import dev.firn.nativeio.agent.FailureHandler;
import dev.firn.nativeio.agent.RunningAgent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentTerminationException;

/**
 * One thread for agents that hand work to each other: they take turns, and sleep together. What one has for another is found in the
 * same or the next turn, where two threads would have to wake each other, which costs a shared processor more than the work itself.
 *
 * <p>Agents come and go by themselves; one that throws has ended, and the others go on. While one of them blocks, as some do at their
 * start, all of them wait.
 *
 * <p>Agents are started and stopped from any thread. The handlers of failures, and all of the agents, are called on the shared one.
 */
public final class SharedThread implements AgentHost, AutoCloseable {
    /** For agents that are to come or to go: all else wakes the thread by itself. */
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private final String name;
    private final ConcurrentLinkedQueue<Seat> changed = new ConcurrentLinkedQueue<>();
    private final Wakeup bell = Wakeup.open();
    private final WaitSet changes = new WaitSet(LOOK_NS, LOOK_NS);
    private final JointWaits waits = new JointWaits();
    private final List<Seat> seats = new ArrayList<>();
    private final AgentThread thread;

    private volatile Thread runner;

    /** Nobody sits down any more. */
    private volatile boolean isClosed;

    private boolean isReleased;

    /** What was thrown outside of the agents' turns, by waiting say: the end of all of them. */
    private volatile Throwable failure;

    private SharedThread(final String name, final AgentThreadConfig config) {
        this.name = name;
        changes.add(bell);
        waits.add(changes);
        this.thread = AgentThread.start(new Turns(), config.wokenBy(waits), this::onFailure);
    }

    /** @param config its idle profile, place and deadline are the thread's; agents have deadlines of their own. */
    public static SharedThread open(final String name, final AgentThreadConfig config) {
        return new SharedThread(name, config);
    }

    /**
     * @param waits must be there: an agent that looks from time to time would keep the others from sleeping.
     * @throws IllegalStateException when the thread has ended.
     */
    @Override
    public RunningAgent start(
            final Agent agent,
            final AgentThreadConfig config,
            final Optional<WaitSet> waits,
            final FailureHandler handler) {
        final Seat seat = new Seat(
                agent,
                waits.orElseThrow(() -> new IllegalArgumentException(
                        agent.roleName() + " cannot share a thread: nobody would wake it")),
                config.closeDeadline(),
                handler);
        changed.add(seat);
        if (isClosed && changed.remove(seat)) {
            throw new IllegalStateException("the thread of " + name + " has ended", failure);
        }
        bell.wake();
        return seat;
    }

    private void onFailure(final String roleName, final Throwable cause) {
        failure = cause;
        isClosed = true;
    }

    /**
     * Stops all agents that are left, and the thread. Idempotent.
     *
     * @throws AgentStuckException when one of them is not done within the thread's deadline.
     */
    @Override
    public void close() {
        if (isReleased) {
            return;
        }
        isClosed = true;
        bell.wake();
        thread.close();
        isReleased = true;
        changes.close();
        waits.close();
        bell.close();
    }

    /** All agents, as one. */
    private final class Turns implements Agent {
        @Override
        public String roleName() {
            return name;
        }

        @Override
        public void onStart() {
            runner = Thread.currentThread();
        }

        @Override
        public int doWork() {
            int work = changed.isEmpty() ? 0 : seatAll();
            for (int i = 0; i < seats.size(); i++) {
                work += seats.get(i).doWork();
            }
            return work;
        }

        @Override
        public void onClose() {
            seatAll();
            for (final Seat seat : List.copyOf(seats)) {
                if (failure != null) {
                    seat.fail(failure);
                } else {
                    seat.end();
                }
            }
        }
    }

    /** Lets in who has come, and go who wants to. */
    private int seatAll() {
        int moved = 0;
        for (Seat seat = changed.poll(); seat != null; seat = changed.poll()) {
            seat.move();
            moved++;
        }
        return moved;
    }

    /** One agent's place on the thread. */
    private final class Seat implements RunningAgent {
        private final Agent agent;
        private final WaitSet its;
        private final Duration deadline;
        private final FailureHandler handler;
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile boolean isLeaving;
        private boolean isSeated;

        Seat(final Agent agent, final WaitSet its, final Duration deadline, final FailureHandler handler) {
            this.agent = Objects.requireNonNull(agent, "agent");
            this.its = its;
            this.deadline = deadline;
            this.handler = Objects.requireNonNull(handler, "handler");
        }

        void move() {
            if (ended.getCount() == 0) {
                return;
            }
            if (isLeaving) {
                end();
                return;
            }
            isSeated = true;
            seats.add(this);
            waits.add(its);
            try {
                agent.onStart();
            } catch (final Throwable t) {
                fail(t);
            }
        }

        int doWork() {
            try {
                return agent.doWork();
            } catch (final AgentTerminationException e) {
                if (e.isExpected()) {
                    end();
                } else {
                    fail(e);
                }
            } catch (final Throwable t) {
                fail(t);
            }
            return 1;
        }

        void fail(final Throwable cause) {
            try {
                handler.onFailure(agent.roleName(), cause);
            } catch (final Throwable t) {
                lastResort(t);
            }
            end();
        }

        void end() {
            if (isSeated) {
                isSeated = false;
                seats.remove(this);
                waits.remove(its);
                try {
                    agent.onClose();
                } catch (final Throwable t) {
                    lastResort(t);
                }
            }
            ended.countDown();
        }

        private void lastResort(final Throwable cause) {
            final Thread current = Thread.currentThread();
            current.getUncaughtExceptionHandler().uncaughtException(current, cause);
        }

        @Override
        public String roleName() {
            return agent.roleName();
        }

        @Override
        public boolean isRunning() {
            return ended.getCount() > 0;
        }

        @Override
        public void close() {
            if (!isRunning()) {
                return;
            }
            isLeaving = true;
            changed.add(this);
            bell.wake();
            if (Thread.currentThread().equals(runner)) {
                return;
            }
            try {
                if (!ended.await(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
                    throw stuck("did not stop within " + deadline, null);
                }
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
                throw stuck("was still stopping when its closer was interrupted", e);
            }
        }

        private AgentStuckException stuck(final String what, final Throwable cause) {
            final Thread its = runner;
            return new AgentStuckException(
                    "agent " + agent.roleName() + " " + what,
                    cause,
                    its == null ? new StackTraceElement[0] : its.getStackTrace());
        }
    }
}
