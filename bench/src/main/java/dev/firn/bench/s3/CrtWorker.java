package dev.firn.bench.s3;

import dev.firn.bench.transfer.SessionClient;
import dev.firn.bench.transfer.TransferClient;
import dev.firn.bench.transfer.TransferWorker;
import dev.firn.nativeio.agent.IdleProfile;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.crt.CrtBackend;
import dev.firn.s3tier.crt.CrtConfig;
import dev.firn.s3tier.crt.CrtCredentials;
import dev.firn.s3tier.crt.CrtProxy;
import dev.firn.s3tier.session.SessionStore;
import java.io.IOException;
import java.net.URI;

/** The process that measures our S3 tier, with the limits that it has by default. */
public final class CrtWorker {
    private CrtWorker() {}

    public static void main(final String[] arguments) throws IOException {
        TransferWorker.serve(CrtWorker::client, SystemClock.INSTANCE);
    }

    static TransferClient client(final String endpoint) {
        final CrtConfig config = CrtConfig.ofBucket(LoadAccount.BUCKET)
                .endpoint(URI.create(endpoint))
                .credentials(new CrtCredentials.Fixed(LoadAccount.ACCESS_KEY, LoadAccount.SECRET_KEY, null))
                .proxy(CrtProxy.NONE)
                .build();
        return new SessionClient(
                SessionStore.over(
                        CrtBackend.open(config, SystemClock.INSTANCE), SystemClock.INSTANCE, SystemRandom.secure()),
                IdleProfile.SHARED_MACHINE.newIdleStrategy(),
                SystemClock.INSTANCE);
    }
}
