package dev.firn.nativeio.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * A number of hosts, a network and the faults between them, out of one seed.
 *
 * <p>Give each host a program, {@linkplain SimulatedHost#start start} it, state what must always hold ({@link #check}), let
 * faults happen ({@link #startFaults}) and run. Safety is checked all the while; for liveness call {@link #calm} and run on:
 * from then on nothing goes wrong by chance, every host is up, and what should come about must.
 *
 * <p>Whatever a program or a check throws that is not an expected end of a process comes out of the running call as a
 * {@link SimulationFailure} that names the seed.
 */
public final class Simulation implements AutoCloseable {
    private final SimulationConfig config;
    private final Trace trace;
    private final Scheduler scheduler;
    private final SimulatedNetwork network;
    private final List<SimulatedHost> hosts = new ArrayList<>();
    private final List<FaultSource> sources = new ArrayList<>();
    private final Nemesis nemesis;

    public Simulation(final SimulationConfig config) {
        this.config = config;
        this.trace = config.traceSink() == null ? Trace.silent() : Trace.to(config.traceSink());
        this.scheduler = new Scheduler(config.seed(), trace);
        this.network = new SimulatedNetwork(
                scheduler, config.seed(), config.hosts(), config.profile().network());
        for (int id = 0; id < config.hosts(); id++) {
            hosts.add(new SimulatedHost(this, id));
        }
        this.nemesis = new Nemesis(this);
    }

    public SimulationConfig config() {
        return config;
    }

    public long seed() {
        return config.seed();
    }

    public Scheduler scheduler() {
        return scheduler;
    }

    public SimulatedNetwork network() {
        return network;
    }

    public Trace trace() {
        return trace;
    }

    public SimulatedHost host(final int id) {
        return hosts.get(id);
    }

    public List<SimulatedHost> hosts() {
        return List.copyOf(hosts);
    }

    /** Starts all hosts at this instant, in seeded order. */
    public void startAll(final HostProgram program) {
        for (final SimulatedHost host : hosts) {
            host.setProgram(program);
            host.start();
        }
    }

    /** States what must hold after every task: the check throws when it does not. */
    public void check(final String name, final Runnable check) {
        scheduler.afterEachTask(() -> {
            try {
                check.run();
            } catch (final Throwable violation) {
                throw failure("check \"" + name + "\"", violation);
            }
        });
    }

    /** Lets a part that stands outside of the hosts have its faults with {@link #startFaults} and none after {@link #calm}. */
    public void add(final FaultSource source) {
        sources.add(source);
    }

    /** From now on crashes, partitions and clock jumps of the profile happen. Those of disk and network do anyway. */
    public void startFaults() {
        nemesis.start();
        sources.forEach(FaultSource::startFaults);
    }

    /** From now on nothing goes wrong by chance: faults are off, links are mended, every host is up. */
    public void calm() {
        nemesis.stop();
        network.setFaults(NetworkFaults.NONE);
        network.healAll();
        sources.forEach(FaultSource::calm);
        for (final SimulatedHost host : hosts) {
            host.disk().setFaults(DiskFaults.NONE);
            host.disk().clearInjected();
            host.disk().powerLossAfter(0);
            if (!host.up()) {
                host.start();
            }
        }
    }

    /** Runs for this long, in virtual time. */
    public void runFor(final long durationNs) {
        guarded(() -> {
            scheduler.runFor(durationNs);
            return true;
        });
    }

    /** Runs until the condition holds, at most for this long. Returns whether it holds. */
    public boolean runUntil(final BooleanSupplier condition, final long durationNs) {
        return guarded(() -> scheduler.runUntil(condition, scheduler.nowNs() + durationNs));
    }

    /** Runs until there is nothing left to do, at most for this long. Returns whether it came to that. */
    public boolean runUntilIdle(final long durationNs) {
        return guarded(() -> scheduler.runUntilIdle(scheduler.nowNs() + durationNs));
    }

    /** Ends all hosts and frees their memory. */
    @Override
    public void close() {
        nemesis.stop();
        hosts.forEach(SimulatedHost::close);
        network.close();
    }

    /** A host that has lost power or has ended by itself is started again, as a supervisor or a person would. */
    void restartLater(final SimulatedHost host) {
        host.startAfter(nemesis.downNs());
    }

    void onStart(final SimulatedHost host) {
        if (host.lives() > 1) {
            nemesis.onRestart(host);
        }
    }

    SimulationFailure failure(final String where, final Throwable cause) {
        return cause instanceof SimulationFailure known
                ? known
                : new SimulationFailure(config.seed(), scheduler.nowNs(), trace.hash(), where, cause);
    }

    private boolean guarded(final BooleanSupplier run) {
        try {
            return run.getAsBoolean();
        } catch (final SimulationFailure failure) {
            throw failure;
        } catch (final RuntimeException | Error thrown) {
            throw failure("outside of a host's program", thrown);
        }
    }
}
