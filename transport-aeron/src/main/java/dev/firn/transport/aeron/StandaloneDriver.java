package dev.firn.transport.aeron;

import java.nio.file.Path;
import java.util.List;

/**
 * A media driver for the processes of one host, in a process of its own: they find it by the name of its directory
 * ({@link DriverChoice#standalone}) and reach each other over shared memory.
 *
 * <p>Its process may die at any moment: its clients see that within five seconds, their endpoints
 * throw, and they start anew. The next driver in the same directory removes what the one before left. Thread-safe.
 */
public final class StandaloneDriver implements AutoCloseable {
    private final EmbeddedDriver driver;
    private final TransportErrors errors;
    private final Path name;
    private boolean closed;

    private StandaloneDriver(final EmbeddedDriver driver, final TransportErrors errors, final Path name) {
        this.driver = driver;
        this.errors = errors;
        this.name = name;
    }

    /**
     * Starts a driver.
     *
     * @param name its directory, best in shared memory; made for its owner alone, and removed on close.
     * @throws IllegalStateException one sentence: another driver runs there, or others could enter the directory.
     */
    public static StandaloneDriver launch(final DriverProfile profile, final Path name) {
        final TransportErrors errors = new TransportErrors();
        final DriverDirectory directory = DriverDirectory.named(name);
        return new StandaloneDriver(EmbeddedDriver.launch(profile, directory, errors), errors, name);
    }

    /** Where the files of a host's driver lie when nobody says otherwise: in shared memory if there is room. */
    public static Path defaultParent() {
        return DriverDirectory.defaultParent();
    }

    /** What makes it slower than its profile promises, one sentence each. */
    public List<String> warnings() {
        return driver.warnings();
    }

    /** Errors that its threads have reported since the start. */
    public long errorCount() {
        return errors.count();
    }

    /** The last of them, or null. */
    public Throwable lastError() {
        return errors.last();
    }

    /** Idempotent. Its clients find it gone. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            driver.close();
        }
    }

    @Override
    public String toString() {
        return "media driver in " + name;
    }
}
