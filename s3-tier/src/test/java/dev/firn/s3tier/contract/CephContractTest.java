package dev.firn.s3tier.contract;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.firn.s3tier.s3server.CephServer;
import dev.firn.s3tier.s3server.S3Server;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The contract on the CRT's store, before Ceph's gateway: another server, with another idea of S3, which checks signatures. */
@Tag("long")
final class CephContractTest extends ObjectStoreContract {
    private static final String BUCKET = "ceph-contract";

    /** Found by {@code CephServerTest}; {@code firn store check} calls such a store unfit. */
    private static final String REPLACE =
            "Ceph 16.2 takes the quotes of If-Match for a part of the ETag, and refuses every conditional replace";

    private static final String ABORTED =
            "Ceph 16.2 answers the completion of an aborted upload with 500, after which nobody can know";

    private static CephServer server;

    @BeforeAll
    static void startServer() throws IOException {
        assumeTrue(
                S3Server.cephIsMissing().isEmpty(),
                () -> S3Server.cephIsMissing().orElseThrow());
        server = S3Server.startCeph();
        server.createBucket(BUCKET);
    }

    @AfterAll
    static void stopServer() {
        if (server != null) {
            server.close();
        }
    }

    @Override
    protected ObjectStore open(final StoreLimits limits) {
        return CrtStores.open(server, BUCKET, limits);
    }

    /** It ignores the condition of a completion. */
    @Override
    protected StoreCapabilities capabilities() {
        return StoreCapabilities.FULL.withoutConditionalUploads();
    }

    @Override
    @Test
    public void shouldReplaceTheVersionThatHeadOrGetHasSeen() {
        Assumptions.abort(REPLACE);
    }

    @Override
    @Test
    public void shouldReplaceOnlyTheVersionExpected() {
        Assumptions.abort(REPLACE);
    }

    @Override
    @Test
    public void shouldLetExactlyOneOfManyWritersReplaceAVersion() {
        Assumptions.abort(REPLACE);
    }

    @Override
    @Test
    public void shouldLoseNoIncrementOfManyWriters() {
        Assumptions.abort(REPLACE);
    }

    @Override
    @Test
    public void shouldSweepUploadsThatAreOldAndNoOthers() {
        Assumptions.abort(ABORTED);
    }
}
