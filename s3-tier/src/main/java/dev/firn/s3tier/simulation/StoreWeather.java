package dev.firn.s3tier.simulation;

import dev.firn.nativeio.simulation.Scheduler;
import dev.firn.nativeio.simulation.Seeds;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** What comes over the store as a whole for a while: outages, of all or of one host's way, and bursts of throttling. */
final class StoreWeather {
    /** Share of outages that meet one host only. */
    private static final double ONE_HOST = 0.5;

    private final SimulatedStore store;
    private final Scheduler scheduler;
    private final RandomGenerator random;

    /** By host; the last stands for clients on no host. */
    private final long[] cutOffUntilNs;

    private long downUntilNs;
    private long throttlingUntilNs;
    private boolean running;

    StoreWeather(final SimulatedStore store, final Scheduler scheduler, final long seed, final int hosts) {
        this.store = store;
        this.scheduler = scheduler;
        this.random = Seeds.generator(seed, "store-weather", store.index());
        this.cutOffUntilNs = new long[hosts + 1];
    }

    void start() {
        if (!running) {
            running = true;
            nextOutage();
            nextThrottling();
        }
    }

    void stop() {
        running = false;
        downUntilNs = 0;
        throttlingUntilNs = 0;
        Arrays.fill(cutOffUntilNs, 0);
    }

    /** Whether nothing goes through between this host (or a client on none) and the store now. */
    boolean cutOff(final int node) {
        return scheduler.nowNs() < downUntilNs || scheduler.nowNs() < cutOffUntilNs[slot(node)];
    }

    boolean throttling() {
        return scheduler.nowNs() < throttlingUntilNs;
    }

    void outage(final long durationNs) {
        downUntilNs = Math.max(downUntilNs, scheduler.nowNs() + durationNs);
    }

    void outageOf(final int node, final long durationNs) {
        cutOffUntilNs[slot(node)] = Math.max(cutOffUntilNs[slot(node)], scheduler.nowNs() + durationNs);
    }

    void throttle(final long durationNs) {
        throttlingUntilNs = Math.max(throttlingUntilNs, scheduler.nowNs() + durationNs);
    }

    private int slot(final int node) {
        return node < 0 ? cutOffUntilNs.length - 1 : node;
    }

    private void nextOutage() {
        if (store.faults().meanOutageGapNs() <= 0) {
            return;
        }
        scheduler.scheduleBackground(Seeds.exponential(random, store.faults().meanOutageGapNs()), () -> {
            if (!running) {
                return;
            }
            final long durationNs =
                    Seeds.between(random, 1, Math.max(1, store.faults().maxOutageNs()));
            if (Seeds.happens(random, ONE_HOST)) {
                store.cutOff(random.nextInt(cutOffUntilNs.length), durationNs);
            } else {
                store.outage(durationNs);
            }
            nextOutage();
        });
    }

    private void nextThrottling() {
        if (store.faults().meanThrottlingGapNs() <= 0) {
            return;
        }
        scheduler.scheduleBackground(Seeds.exponential(random, store.faults().meanThrottlingGapNs()), () -> {
            if (running) {
                store.throttle(
                        Seeds.between(random, 1, Math.max(1, store.faults().maxThrottlingNs())));
                nextThrottling();
            }
        });
    }
}
