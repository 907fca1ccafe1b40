package dev.firn.s3tier.s3server;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;

/**
 * Adobe's S3Mock, from the jar that the build put into {@code s3-tier/target/s3server}.
 *
 * <p>{@link #endpoint()} leads through an {@link S3MockFront}, which makes conditional writes atomic, and mends lists and aborts: of 32
 * racing conditional creates S3Mock alone was seen to store 28. {@link #disorderlyEndpoint()} leads around it.
 *
 * <p>Each write of a new key costs time in proportion to the bucket's keys: tests with many take a bucket of their own.
 *
 * <p>It looks at no signature. One more port of it, which Spring opens by itself and nothing uses, listens on all addresses.
 */
public final class S3MockServer implements S3Server {
    private static final Pattern STARTED = Pattern.compile("Tomcat started on ports (\\d+) \\(http\\)");
    private static final Duration START_WITHIN = Duration.ofSeconds(90);

    private final ServerDirectory directory;
    private final int port;
    private final S3MockFront front;

    private S3MockServer(final ServerDirectory directory, final int port, final S3MockFront front) {
        this.directory = directory;
        this.port = port;
        this.front = front;
    }

    static S3MockServer start() throws IOException {
        final Path jar = jar();
        final ServerDirectory directory = ServerDirectory.create();
        try {
            Files.createDirectory(directory.path().resolve("objects"));
            Files.createDirectory(directory.path().resolve("temporary"));
            final ServerProcess process = ServerProcess.start("s3mock", directory, command(jar, directory.path()));
            final int port = Integer.parseInt(process.awaitLogged(STARTED, START_WITHIN));
            return new S3MockServer(directory, port, S3MockFront.before(loopback(port)));
        } catch (final IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    private static List<String> command(final Path jar, final Path directory) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                // Starts in half the time; what it costs later is no part of any measurement.
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + directory.resolve("temporary"),
                "-jar",
                jar.toString(),
                // Spring's own port without TLS; S3Mock's further port gets none of Spring's settings.
                "--server.ssl.enabled=false",
                "--server.address=127.0.0.1",
                "--server.port=0",
                "--com.adobe.testing.s3mock.httpPort=0",
                // Tomcat's limits: bodies, requests and idle time of a connection, connections, threads.
                "--com.adobe.testing.s3mock.max-payload-size=-1",
                "--server.tomcat.max-keep-alive-requests=-1",
                "--server.tomcat.keep-alive-timeout=10m",
                "--server.tomcat.connection-timeout=10m",
                "--server.tomcat.threads.max=128",
                "--server.max-http-request-header-size=64KB",
                "--com.adobe.testing.s3mock.store.root=" + directory.resolve("objects"),
                // Its directory is removed as a whole.
                "--com.adobe.testing.s3mock.store.retainFilesOnExit=true",
                "--com.adobe.testing.s3mock.store.region=us-east-1",
                "--spring.main.banner-mode=off",
                "--logging.level.root=WARN",
                "--logging.level.org.springframework.boot.tomcat=INFO");
    }

    /** The jar of the version that this module was built with. */
    private static Path jar() throws IOException {
        final Properties servers = new Properties();
        try (InputStream in = S3MockServer.class.getResourceAsStream("servers.properties")) {
            servers.load(in);
        }
        final String root = System.getProperty("firn.root");
        if (root == null) {
            throw new IOException("the S3 server's jar is found by -Dfirn.root=<the project's root>, which is not set");
        }
        final Path jar = Path.of(root, "s3-tier", "target", "s3server", servers.getProperty("s3mock"));
        if (!Files.exists(jar)) {
            throw new IOException(
                    jar + " is missing: build the module s3-tier (mvn -pl s3-tier -am package -DskipTests)");
        }
        return jar;
    }

    @Override
    public String describe() {
        return "Adobe S3Mock at " + endpoint();
    }

    @Override
    public URI endpoint() {
        return front.endpoint();
    }

    /** The server itself, whose conditional writes are not atomic: a store that is unfit, for tests that it is found out. */
    public URI disorderlyEndpoint() {
        return loopback(port);
    }

    @Override
    public String region() {
        return "us-east-1";
    }

    @Override
    public String accessKeyId() {
        return "firn";
    }

    @Override
    public String secretAccessKey() {
        return "firn-tests-only";
    }

    @Override
    public void createBucket(final String bucket) throws IOException {
        Buckets.create(this, bucket);
    }

    @Override
    public Path logs() {
        return directory.path();
    }

    @Override
    public void close() {
        front.close();
        directory.close();
    }

    private static URI loopback(final int port) {
        return URI.create("http://127.0.0.1:" + port);
    }
}
