package dev.firn.server.objectstore;

import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.location.ObjectStores;
import dev.firn.s3tier.location.StoreLocation;
import dev.firn.s3tier.location.StoreOpeningException;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one object store of a running system: opened by the first start of its role, shared by the roles, closed after all of
 * them. Opened and admitted on the store role's thread, read from any, closed by whoever closes the system.
 */
public final class SystemStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("store");

    /** A client waits for its requests, and a hanging file system answers none. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final String url;
    private final Supplier<ObjectStore> opener;
    private volatile ObjectStore store;
    private volatile boolean admitted;
    private volatile boolean abandoned;

    /**
     * @param url for messages and the status; names no secret.
     * @param opener opens the store.
     */
    SystemStore(final String url, final Supplier<ObjectStore> opener) {
        this.url = url;
        this.opener = opener;
    }

    /**
     * @param prepare makes the place that the store is opened in.
     * @param random see {@link ObjectStores#open}.
     */
    public static SystemStore at(
            final StoreLocation location, final Runnable prepare, final Clock clock, final RandomGenerator random) {
        return new SystemStore(location.toString(), () -> {
            prepare.run();
            try {
                return ObjectStores.open(location, StoreLimits.DEFAULT, clock, random);
            } catch (final StoreOpeningException e) {
                throw new StoreProofException("cannot open " + location + ": " + e.getMessage(), e);
            }
        });
    }

    public String url() {
        return url;
    }

    /** The store, once it is open. */
    public Optional<ObjectStore> opened() {
        return Optional.ofNullable(store);
    }

    ObjectStore open() {
        if (store == null) {
            store = opener.get();
        }
        return store;
    }

    /** Whether the store has proved itself since this system started: from then on a failure is one that passes. */
    boolean isAdmitted() {
        return admitted;
    }

    void admit() {
        admitted = true;
    }

    /** A session hangs: nothing that it may still use can be given back. */
    void abandon() {
        abandoned = true;
    }

    /** Whether memory and files that the store's sessions used are in use no more. */
    public boolean isReleased() {
        return !abandoned;
    }

    /** Closes the store within a limit; one that hangs is left to the end of the process. */
    @Override
    public void close() {
        if (store == null) {
            return;
        }
        if (abandoned) {
            LOG.warn("{} does not answer, and is left without a close", url);
            return;
        }
        final Thread closer = new Thread(this::closeQuietly, "firn-store-close");
        closer.setDaemon(true);
        closer.start();
        try {
            if (!closer.join(CLOSE_LIMIT)) {
                abandoned = true;
                LOG.warn("{} was not closed within {} s, and is left", url, CLOSE_LIMIT.toSeconds());
            }
        } catch (final InterruptedException e) {
            abandoned = true;
            Thread.currentThread().interrupt();
        }
    }

    private void closeQuietly() {
        try {
            store.close();
        } catch (final RuntimeException e) {
            abandoned = true;
            LOG.warn("{} was not closed cleanly: {}", url, e.getMessage());
        }
    }
}
