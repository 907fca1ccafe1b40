package dev.firn.bench.ingest;

import dev.firn.pagestore.upkeep.Housekeeper;
import java.util.function.Supplier;
import org.agrona.concurrent.Agent;

/** A housekeeper that is made on its own thread, to which its store's session then belongs, and that says to others how it is. */
final class UpkeepAgent implements Agent {
    private final Supplier<Housekeeper> maker;
    private Housekeeper housekeeper;
    private volatile boolean idle;
    private volatile Throwable failure;

    UpkeepAgent(final Supplier<Housekeeper> maker) {
        this.maker = maker;
    }

    @Override
    public String roleName() {
        return "housekeeper";
    }

    @Override
    public void onStart() {
        housekeeper = maker.get();
        housekeeper.onStart();
    }

    @Override
    public int doWork() {
        final int done = housekeeper.doWork();
        idle = done == 0 && housekeeper.isIdle();
        return done;
    }

    @Override
    public void onClose() {
        if (housekeeper != null) {
            housekeeper.onClose();
        }
    }

    /** Whether it had nothing to do a moment ago. */
    boolean isIdle() {
        return idle;
    }

    void failed(final Throwable why) {
        failure = why;
    }

    /** @throws IllegalStateException when it has failed. */
    void requireSound() {
        if (failure != null) {
            throw new IllegalStateException("the housekeeper failed", failure);
        }
    }
}
