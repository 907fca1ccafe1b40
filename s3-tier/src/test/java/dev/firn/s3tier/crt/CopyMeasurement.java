package dev.firn.s3tier.crt;

import com.sun.management.OperatingSystemMXBean;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.store.WriteStamp;
import java.io.BufferedReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.crt.auth.credentials.Credentials;
import software.amazon.awssdk.crt.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.crt.auth.signing.AwsSigningConfig;
import software.amazon.awssdk.crt.http.HttpHeader;
import software.amazon.awssdk.crt.http.HttpRequest;
import software.amazon.awssdk.crt.io.ClientBootstrap;
import software.amazon.awssdk.crt.io.EventLoopGroup;
import software.amazon.awssdk.crt.io.HostResolver;
import software.amazon.awssdk.crt.s3.S3BorrowedBuffer;
import software.amazon.awssdk.crt.s3.S3BorrowedBufferDelivery;
import software.amazon.awssdk.crt.s3.S3Client;
import software.amazon.awssdk.crt.s3.S3ClientOptions;
import software.amazon.awssdk.crt.s3.S3DirectBufferPoolOptions;
import software.amazon.awssdk.crt.s3.S3FinishedResponseContext;
import software.amazon.awssdk.crt.s3.S3MetaRequest;
import software.amazon.awssdk.crt.s3.S3MetaRequestOptions;
import software.amazon.awssdk.crt.s3.S3MetaRequestOptions.MetaRequestType;
import software.amazon.awssdk.crt.s3.S3MetaRequestResponseHandler;

/**
 * What the ways through the CRT cost: {@link CrtBackend} beside the CRT's S3 client, on loopback, all signed. Prints operations
 * and gigabytes a second, and the processor's time of this process a gigabyte. Its figures and its command stand in
 * docs/decisions/2026-11-21-crt-copies.md.
 */
final class CopyMeasurement {
    private static final int LOOPS = 2;
    private static final long POOL_BYTES = 512L << 20;
    private static final long PART_BYTES = 8L << 20;
    private static final int ROUNDS = 3;

    private final URI endpoint;
    private final CrtBackend firn;
    private final S3Client plainClient;
    private final S3Client borrowingClient;
    private final MemorySegment[] buffers;
    private final long length;
    private final boolean isPut;

    private enum Way {
        FIRN,
        S3_DEFAULT,
        S3_GET_OBJECT,
        S3_GET_OBJECT_BORROWED
    }

    private CopyMeasurement(
            final URI endpoint,
            final CrtBackend firn,
            final S3Client plainClient,
            final S3Client borrowingClient,
            final MemorySegment[] buffers,
            final boolean isPut) {
        this.endpoint = endpoint;
        this.firn = firn;
        this.plainClient = plainClient;
        this.borrowingClient = borrowingClient;
        this.buffers = buffers;
        this.length = buffers[0].byteSize();
        this.isPut = isPut;
    }

    public static void main(final String[] arguments) throws Exception {
        final Process server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        CopyServer.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out = server.inputReader()) {
            measure(URI.create("http://localhost:" + out.readLine()));
        } finally {
            server.destroyForcibly();
        }
        // The S3 clients' memory need not be given back in order.
        Runtime.getRuntime().halt(0);
    }

    private static void measure(final URI endpoint) throws InterruptedException {
        final CrtBackend firn = CrtBackend.open(
                CrtConfig.ofBucket("bucket")
                        .endpoint(endpoint)
                        .proxy(CrtProxy.NONE)
                        .eventLoopThreads(LOOPS)
                        .credentials(new CrtCredentials.Fixed("id", "secret", null))
                        .build(),
                SystemClock.INSTANCE);
        final S3Client plain = new S3Client(options().withMemoryLimitInBytes(1L << 30));
        final S3Client borrowing =
                new S3Client(options().withDirectBufferPoolOptions(S3DirectBufferPoolOptions.fixed(POOL_BYTES)));
        for (final long length : new long[] {8 << 10, 64 << 20}) {
            for (final int inFlight : new int[] {1, 8}) {
                for (final boolean isPut : new boolean[] {false, true}) {
                    try (Arena arena = Arena.ofShared()) {
                        final MemorySegment[] buffers = new MemorySegment[inFlight];
                        for (int i = 0; i < inFlight; i++) {
                            buffers[i] = arena.allocate(length, 4_096).fill((byte) 1);
                        }
                        new CopyMeasurement(endpoint, firn, plain, borrowing, buffers, isPut).compare();
                    }
                }
            }
        }
    }

    /** Rounds of all ways after each other, so that a slow spell of the machine strikes all; the first warms up. */
    private void compare() throws InterruptedException {
        final int count = length < PART_BYTES ? 8_000 : 24;
        for (int round = 0; round < ROUNDS; round++) {
            for (final Way way : Way.values()) {
                if (!isPut || way.ordinal() <= Way.S3_DEFAULT.ordinal()) {
                    run(way, count, round > 0);
                }
            }
        }
    }

    private void run(final Way way, final int count, final boolean print) throws InterruptedException {
        final OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        final AtomicInteger begun = new AtomicInteger();
        final CountDownLatch ended = new CountDownLatch(count);
        final long cpu = system.getProcessCpuTime();
        final long start = SystemClock.INSTANCE.nanoTime();
        for (int slot = 0; slot < buffers.length; slot++) {
            next(way, slot, count, begun, ended);
        }
        if (!ended.await(120, TimeUnit.SECONDS)) {
            throw new IllegalStateException(way + " hangs");
        }
        final double seconds = (SystemClock.INSTANCE.nanoTime() - start) / 1e9;
        final double gigabytes = count * (double) length / 1e9;
        final double cpuSeconds = (system.getProcessCpuTime() - cpu) / 1e9;
        if (print) {
            System.out.printf(
                    "%s %8d B x%d %-22s %7.0f/s %5.2f GB/s %6.2f CPU s/GB %8.1f CPU us each%n",
                    isPut ? "put" : "get",
                    length,
                    buffers.length,
                    way,
                    count / seconds,
                    gigabytes / seconds,
                    cpuSeconds / gigabytes,
                    cpuSeconds / count * 1e6);
        }
    }

    private void next(
            final Way way, final int slot, final int count, final AtomicInteger begun, final CountDownLatch ended) {
        if (begun.incrementAndGet() > count) {
            return;
        }
        final Runnable done = () -> {
            ended.countDown();
            next(way, slot, count, begun, ended);
        };
        switch (way) {
            case FIRN -> beginFirn(slot, done);
            case S3_DEFAULT -> beginS3(plainClient, MetaRequestType.DEFAULT, new Receiver(slot), done);
            case S3_GET_OBJECT -> beginS3(plainClient, MetaRequestType.GET_OBJECT, new Receiver(slot), done);
            case S3_GET_OBJECT_BORROWED ->
                beginS3(borrowingClient, MetaRequestType.GET_OBJECT, new BorrowingReceiver(slot), done);
        }
    }

    private void beginFirn(final int slot, final Runnable done) {
        final AttemptRequest request = isPut
                ? new AttemptRequest.PutObject(
                        "key", List.of(buffers[slot]), 0, AttemptRequest.Precondition.NONE, WriteStamp.NONE)
                : new AttemptRequest.GetRange("key", 0, buffers[slot], null);
        firn.begin(new Attempt(request, Long.MAX_VALUE, attempt -> {
            if (attempt.result() instanceof final AttemptFailed failed) {
                throw new IllegalStateException(failed.message());
            }
            done.run();
        }));
    }

    private void beginS3(
            final S3Client client, final MetaRequestType type, final Receiver receiver, final Runnable done) {
        final HttpHeader host = new HttpHeader("Host", endpoint.getAuthority());
        final HttpRequest request = isPut
                ? new HttpRequest(
                        "PUT",
                        "/bucket/key",
                        new HttpHeader[] {host, new HttpHeader("Content-Length", Long.toString(length))},
                        new SegmentsBody(List.of(buffers[receiver.slot])))
                : new HttpRequest(
                        "GET",
                        "/bucket/key",
                        new HttpHeader[] {host, new HttpHeader("Range", "bytes=0-" + (length - 1))},
                        null);
        final S3MetaRequest running = client.makeMetaRequest(new S3MetaRequestOptions()
                .withMetaRequestType(type)
                .withOperationName(isPut ? "PutObject" : "GetObject")
                .withHttpRequest(request)
                .withResponseHandler(receiver)
                .withEndpoint(endpoint));
        final var _ = receiver.finished.thenRun(running::close);
        final var _ = running.getShutdownCompleteFuture().thenRun(done);
    }

    private static S3ClientOptions options() {
        final EventLoopGroup loops = new EventLoopGroup(LOOPS);
        return new S3ClientOptions()
                .withRegion("us-east-1")
                .withClientBootstrap(new ClientBootstrap(loops, new HostResolver(loops)))
                .withSigningConfig(AwsSigningConfig.getDefaultS3SigningConfig(
                        "us-east-1",
                        new StaticCredentialsProvider.StaticCredentialsProviderBuilder()
                                .withCredentials(new Credentials(new byte[] {'i', 'd'}, new byte[] {'s'}, null))
                                .build()))
                .withMaxConnections(64)
                .withPartSize(PART_BYTES)
                .withMultipartUploadThreshold(Long.MAX_VALUE);
    }

    /** Takes bodies as the S3 client's public handler has them. */
    private class Receiver implements S3MetaRequestResponseHandler {
        final int slot;
        private final CompletableFuture<Void> finished = new CompletableFuture<>();

        Receiver(final int slot) {
            this.slot = slot;
        }

        @Override
        public int onResponseBody(final ByteBuffer bytes, final long start, final long end) {
            return take(bytes, start);
        }

        int take(final ByteBuffer bytes, final long start) {
            final int count = bytes.remaining();
            MemorySegment.copy(
                    MemorySegment.ofBuffer(bytes),
                    ValueLayout.JAVA_BYTE,
                    0,
                    buffers[slot],
                    ValueLayout.JAVA_BYTE,
                    start,
                    count);
            return count;
        }

        @Override
        public void onFinished(final S3FinishedResponseContext context) {
            if (context.getErrorCode() != 0) {
                throw new IllegalStateException("the S3 client failed: " + context.getErrorCode());
            }
            finished.complete(null);
        }
    }

    /** Takes bodies by the buffers that the S3 client lends. */
    private final class BorrowingReceiver extends Receiver implements S3BorrowedBufferDelivery {
        BorrowingReceiver(final int slot) {
            super(slot);
        }

        @Override
        public int onResponseBodyBorrowed(final S3BorrowedBuffer buffer, final long start, final long end) {
            try (buffer) {
                return take(buffer.asByteBuffer(), start);
            }
        }
    }
}
