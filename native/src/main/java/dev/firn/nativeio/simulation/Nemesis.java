package dev.firn.nativeio.simulation;

import java.util.random.RandomGenerator;

/** Takes hosts down, cuts links and moves clocks, as often as the profile says. */
final class Nemesis {
    /** A power loss that strikes inside an operation strikes within so many. */
    private static final int MAX_OPERATIONS_TO_STRIKE = 40;

    /** One that strikes inside recovery strikes within so many: recovery is short. */
    private static final int MAX_OPERATIONS_TO_STRIKE_RECOVERY = 16;

    private final Simulation simulation;
    private final Scheduler scheduler;
    private final FaultProfile profile;
    private final RandomGenerator random;
    private boolean running;

    Nemesis(final Simulation simulation) {
        this.simulation = simulation;
        this.scheduler = simulation.scheduler();
        this.profile = simulation.config().profile();
        this.random = Seeds.generator(simulation.config().seed(), "nemesis", 0);
    }

    void start() {
        if (running) {
            return;
        }
        running = true;
        for (final SimulatedHost host : simulation.hosts()) {
            again(profile.host().meanCrashGapNs(), () -> takeDown(host));
            again(profile.host().meanClockJumpGapNs(), () -> jump(host));
        }
        if (simulation.hosts().size() > 1) {
            again(profile.network().meanPartitionGapNs(), this::partition);
        }
    }

    void stop() {
        running = false;
    }

    long downNs() {
        return Seeds.between(random, profile.host().minDownNs(), profile.host().maxDownNs());
    }

    /** A host starts after it was down. */
    void onRestart(final SimulatedHost host) {
        if (running && Seeds.happens(random, profile.host().insideRecovery())) {
            host.disk().powerLossAfter(1 + random.nextInt(MAX_OPERATIONS_TO_STRIKE_RECOVERY));
        }
    }

    private void again(final long meanGapNs, final Runnable fault) {
        if (meanGapNs <= 0) {
            return;
        }
        scheduler.scheduleBackground(Seeds.exponential(random, meanGapNs), () -> {
            if (running) {
                fault.run();
                again(meanGapNs, fault);
            }
        });
    }

    private void takeDown(final SimulatedHost host) {
        if (!host.up()
                || host.disk().powerLossPending()
                || downHosts() >= profile.host().maxDownHosts()) {
            return;
        }
        if (!Seeds.happens(random, profile.host().powerLoss())) {
            host.kill();
            host.startAfter(downNs());
        } else if (Seeds.happens(random, profile.host().insideOperation())) {
            host.disk().powerLossAfter(1 + random.nextInt(MAX_OPERATIONS_TO_STRIKE));
        } else {
            host.crash();
            host.startAfter(downNs());
        }
    }

    private int downHosts() {
        int down = 0;
        for (final SimulatedHost host : simulation.hosts()) {
            down += host.up() && !host.disk().powerLossPending() ? 0 : 1;
        }
        return down;
    }

    private void jump(final SimulatedHost host) {
        final long limit = profile.host().maxClockJumpNs();
        host.jumpClock(Seeds.between(random, -limit, limit));
    }

    /** Cuts one link, or one host off, for a while. */
    private void partition() {
        final int hosts = simulation.hosts().size();
        final int one = random.nextInt(hosts);
        final int other = (one + 1 + random.nextInt(hosts - 1)) % hosts;
        final SimulatedNetwork network = simulation.network();
        final boolean oneWay = Seeds.happens(random, profile.network().oneWay());
        final boolean whole = random.nextBoolean();
        if (oneWay) {
            network.partitionOneWay(one, other);
        } else if (whole) {
            network.isolate(one);
        } else {
            network.partition(one, other);
        }
        scheduler.scheduleBackground(
                Seeds.between(random, 1, Math.max(1, profile.network().maxPartitionNs())), () -> {
                    for (int peer = 0; peer < hosts; peer++) {
                        if (peer == other || (whole && !oneWay && peer != one)) {
                            network.heal(one, peer);
                        }
                    }
                });
    }
}
