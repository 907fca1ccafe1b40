package dev.firn.s3tier.contract;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.crt.CrtBackend;
import dev.firn.s3tier.crt.CrtConfig;
import dev.firn.s3tier.crt.CrtCredentials;
import dev.firn.s3tier.crt.CrtProxy;
import dev.firn.s3tier.s3server.S3Server;
import dev.firn.s3tier.session.SessionStore;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import java.net.URI;

/** Opens buckets of the servers that tests start. */
final class CrtStores {
    private CrtStores() {}

    static ObjectStore open(final S3Server server, final String bucket, final StoreLimits limits) {
        return open(server.endpoint(), server, bucket, limits);
    }

    /** @param endpoint the server's, or that of a proxy before it. */
    static ObjectStore open(final URI endpoint, final S3Server server, final String bucket, final StoreLimits limits) {
        final CrtConfig config = CrtConfig.ofBucket(bucket)
                .endpoint(endpoint)
                .region(server.region())
                .credentials(new CrtCredentials.Fixed(server.accessKeyId(), server.secretAccessKey(), null))
                .proxy(CrtProxy.NONE)
                .limits(limits)
                .build();
        return SessionStore.over(
                CrtBackend.open(config, SystemClock.INSTANCE), SystemClock.INSTANCE, SystemRandom.secure());
    }
}
