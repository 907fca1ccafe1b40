package dev.firn.s3tier.contract;

import dev.firn.s3tier.s3server.S3Server;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The contract on the CRT's store, before a real S3 server. */
final class CrtStoreContractTest extends ObjectStoreContract {
    private static final AtomicInteger BUCKETS = new AtomicInteger();

    private static S3Server server;

    /** One a test: each key of a bucket makes S3Mock slower. */
    private final String bucket = "crt-contract-" + BUCKETS.incrementAndGet();

    @BeforeAll
    static void openServer() throws IOException {
        server = S3Server.shared();
    }

    @Override
    protected StoreCapabilities capabilities() {
        return StoreCapabilities.FULL.withRaceRounds(3).withListedKeys(300, 300);
    }

    /** On Ceph's gateway instead: each key makes the next one slower here. */
    @Override
    @Test
    @Tag("long")
    public void shouldListTenThousandKeys() {
        Assumptions.abort("S3Mock takes minutes for a bucket of 10,000 keys");
    }

    @Override
    protected ObjectStore open(final StoreLimits limits) {
        try {
            server.createBucket(bucket);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        return CrtStores.open(server, bucket, limits);
    }
}
