package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.server.FirnProcess;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** {@code firn run ROLE} on a host, started again a second after it has ended: what systemd does with {@code Restart=always}. */
final class RoleOnHost implements AutoCloseable {
    private static final long RESTART_MS = 1_000;
    private static final long LIMIT_MS = 60_000;

    private final String name;
    private final List<String> wrapper;
    private final String[] command;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread keeper;
    private volatile FirnProcess process;
    /** Of all lives that have ended. */
    private final StringBuffer lastWords = new StringBuffer();

    private final AtomicInteger starts = new AtomicInteger();

    /** @param wrapper what runs a command on the host. */
    RoleOnHost(final String name, final List<String> wrapper, final String role, final String config) {
        this.name = name;
        this.wrapper = wrapper;
        this.command = new String[] {"run", role, "--config", config};
        this.keeper = new Thread(this::keep, "keeper-of-" + name);
        keeper.start();
    }

    private void keep() {
        try {
            while (closing.getCount() > 0) {
                try (FirnProcess started = FirnProcess.start(wrapper, command)) {
                    process = started;
                    starts.incrementAndGet();
                    while (!started.process().waitFor(100, TimeUnit.MILLISECONDS) && closing.getCount() > 0) {
                        // Only its end, or this object's, is of interest.
                        continue;
                    }
                    lastWords.append("--- start ").append(starts).append('\n').append(started.err());
                }
                closing.await(RESTART_MS, TimeUnit.MILLISECONDS);
            }
        } catch (final IOException | InterruptedException e) {
            throw new IllegalStateException(name, e);
        }
    }

    String name() {
        return name;
    }

    int starts() {
        return starts.get();
    }

    void kill() {
        process.process().destroyForcibly();
    }

    /** What those of its lives have said that have ended. */
    String words() {
        return name + ", " + starts + " starts\n" + lastWords;
    }

    @Override
    public void close() throws InterruptedException {
        closing.countDown();
        keeper.join(LIMIT_MS);
        assertThat(keeper.isAlive()).as("%s has ended", name).isFalse();
    }
}
