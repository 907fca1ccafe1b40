package dev.firn.bench.s3;

import dev.firn.bench.transfer.TransferClient;
import dev.firn.bench.transfer.TransferJob;
import dev.firn.bench.transfer.TransferSlots;
import dev.firn.nativeio.seam.Clock;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.zip.CRC32C;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.core.client.config.SdkAdvancedAsyncClientOption;
import software.amazon.awssdk.core.util.VersionInfo;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.ProxyConfiguration;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * The rival: the SDK's asynchronous client in plain Java, over its Netty client, told what its guide says makes it fast: as many
 * connections as operations, and answers handled on the thread that receives them.
 *
 * <p>It does what we do: reads end in off-heap memory, writes come from there and carry a CRC32C.
 */
final class SdkClient implements TransferClient {
    /** Most operations that any job has in flight. */
    private static final int CONNECTIONS = 64;

    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final S3AsyncClient client;
    private final Clock clock;

    SdkClient(final String endpoint, final Clock clock) {
        this.clock = clock;
        this.client = S3AsyncClient.builder()
                .endpointOverride(URI.create(endpoint))
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(LoadAccount.ACCESS_KEY, LoadAccount.SECRET_KEY)))
                .httpClientBuilder(NettyNioAsyncHttpClient.builder()
                        .maxConcurrency(CONNECTIONS)
                        .proxyConfiguration(ProxyConfiguration.builder()
                                .useSystemPropertyValues(false)
                                .useEnvironmentVariableValues(false)
                                .build())
                        .connectionAcquisitionTimeout(TIMEOUT)
                        .readTimeout(TIMEOUT)
                        .writeTimeout(TIMEOUT))
                .asyncConfiguration(configuration -> configuration.advancedOption(
                        SdkAdvancedAsyncClientOption.FUTURE_COMPLETION_EXECUTOR, Runnable::run))
                .build();
    }

    @Override
    public String describe() {
        return "AWS SDK for Java " + VersionInfo.SDK_VERSION + ", S3AsyncClient over Netty";
    }

    @Override
    public void transfer(final TransferJob job, final TransferSlots slots, final long durationNs)
            throws TransferException, InterruptedException {
        final Transfers transfers = new Transfers(job, slots, clock.nanoTime() + durationNs);
        for (int slot = 0; slot < slots.count(); slot++) {
            transfers.begin(slot);
        }
        transfers.ended.await();
        final Throwable failure = transfers.failure;
        if (failure != null) {
            throw new TransferException(failure.toString(), failure);
        }
    }

    @Override
    public void close() {
        client.close();
    }

    /** Each slot's operations follow one another on the client's threads. */
    private final class Transfers {
        private final TransferJob job;
        private final TransferSlots slots;
        private final long deadlineNs;
        private final CountDownLatch ended;
        private volatile Throwable failure;

        Transfers(final TransferJob job, final TransferSlots slots, final long deadlineNs) {
            this.job = job;
            this.slots = slots;
            this.deadlineNs = deadlineNs;
            this.ended = new CountDownLatch(slots.count());
        }

        void begin(final int slot) {
            slots.begin(slot, clock.nanoTime());
            try {
                final CompletableFuture<Long> operation = switch (job.kind()) {
                    case GET -> get(slot);
                    case PUT, CREATE -> put(slot);
                };
                // Its end is next(), whatever happens: nobody waits for it.
                final var unused = operation
                        .thenAccept(length -> slots.end(slot, length, clock.nanoTime()))
                        .whenComplete((done, problem) -> next(slot, problem));
            } catch (final RuntimeException e) {
                next(slot, e);
            }
        }

        private void next(final int slot, final Throwable problem) {
            if (problem != null) {
                failure = problem.getCause() == null ? problem : problem.getCause();
            }
            if (failure != null || clock.nanoTime() - deadlineNs >= 0) {
                ended.countDown();
            } else {
                begin(slot);
            }
        }

        private CompletableFuture<Long> get(final int slot) {
            final GetObjectRequest.Builder request =
                    GetObjectRequest.builder().bucket(LoadAccount.BUCKET).key("object");
            if (!job.wholeObject()) {
                final long first = slots.objectOffset(slot);
                request.range("bytes=" + first + "-" + (first + job.transferBytes() - 1));
            }
            return client.getObject(
                    request.build(), new IntoMemory(slots.memory(slot).asByteBuffer()));
        }

        /**
         * The checksum is computed before and goes with the head: the client's own way, which puts it behind the body, copies the body
         * into pieces, and was the slower.
         */
        private CompletableFuture<Long> put(final int slot) {
            final ByteBuffer body = slots.memory(slot).asByteBuffer();
            final CRC32C crc = new CRC32C();
            crc.update(body);
            final byte[] value = ByteBuffer.allocate(Integer.BYTES)
                    .putInt((int) crc.getValue())
                    .array();
            final PutObjectRequest request = PutObjectRequest.builder()
                    .bucket(LoadAccount.BUCKET)
                    .key("put/" + slot)
                    .checksumCRC32C(Base64.getEncoder().encodeToString(value))
                    .build();
            // Unsafe: without a copy. The memory is not written to while the operation is on its way.
            return client.putObject(request, AsyncRequestBody.fromByteBufferUnsafe(body.rewind()))
                    .thenApply(response -> (long) job.transferBytes());
        }
    }

    /** Moves an answer's bytes to where they are wanted, as they come. One for each operation. */
    private static final class IntoMemory
            implements AsyncResponseTransformer<GetObjectResponse, Long>, Subscriber<ByteBuffer> {
        private final ByteBuffer target;
        private final CompletableFuture<Long> result = new CompletableFuture<>();

        IntoMemory(final ByteBuffer target) {
            this.target = target;
        }

        @Override
        public CompletableFuture<Long> prepare() {
            return result;
        }

        @Override
        public void onResponse(final GetObjectResponse response) {
            // The bytes tell all that is asked.
        }

        @Override
        public void onStream(final SdkPublisher<ByteBuffer> publisher) {
            publisher.subscribe(this);
        }

        @Override
        public void exceptionOccurred(final Throwable problem) {
            result.completeExceptionally(problem);
        }

        @Override
        public void onSubscribe(final Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(final ByteBuffer bytes) {
            target.put(bytes);
        }

        @Override
        public void onError(final Throwable problem) {
            result.completeExceptionally(problem);
        }

        @Override
        public void onComplete() {
            result.complete((long) target.position());
        }
    }
}
