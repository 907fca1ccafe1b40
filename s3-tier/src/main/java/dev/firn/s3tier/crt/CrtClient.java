package dev.firn.s3tier.crt;

import dev.firn.nativeio.seam.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import software.amazon.awssdk.crt.CRT;
import software.amazon.awssdk.crt.CrtRuntimeException;
import software.amazon.awssdk.crt.auth.credentials.CachedCredentialsProvider;
import software.amazon.awssdk.crt.auth.credentials.Credentials;
import software.amazon.awssdk.crt.auth.credentials.CredentialsProvider;
import software.amazon.awssdk.crt.auth.credentials.DefaultChainCredentialsProvider;
import software.amazon.awssdk.crt.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.crt.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.crt.http.DirectBodies;
import software.amazon.awssdk.crt.http.HttpClientConnection;
import software.amazon.awssdk.crt.http.HttpClientConnectionManager;
import software.amazon.awssdk.crt.http.HttpClientConnectionManagerOptions;
import software.amazon.awssdk.crt.http.HttpProxyEnvironmentVariableSetting;
import software.amazon.awssdk.crt.http.HttpProxyOptions;
import software.amazon.awssdk.crt.http.HttpRequest;
import software.amazon.awssdk.crt.http.HttpStream;
import software.amazon.awssdk.crt.io.ClientBootstrap;
import software.amazon.awssdk.crt.io.ClientTlsContext;
import software.amazon.awssdk.crt.io.EventLoopGroup;
import software.amazon.awssdk.crt.io.HostResolver;
import software.amazon.awssdk.crt.io.SocketOptions;
import software.amazon.awssdk.crt.io.TlsContextOptions;

/**
 * What a backend holds of the CRT: its own event loops, connections, TLS and credentials, and what needs them. All of it is
 * given back by {@link #close}, in the order opposite to that in which it was made.
 */
final class CrtClient implements AutoCloseable {
    /**
     * What one connection may hold of the CRT's memory: two messages of 16 KiB in each direction, s2n's records, headers, and a
     * list's text on its way.
     */
    static final long CONNECTION_BYTES = 512 << 10;

    private static final int CONNECT_TIMEOUT_MS = 5_000;

    /** Shorter than what stores and the balancers before them wait: a request must not meet a connection that just closes. */
    private static final long IDLE_CONNECTION_MS = 15_000;

    private static final int KEEP_ALIVE_AFTER_S = 30;
    private static final int KEEP_ALIVE_INTERVAL_S = 10;
    private static final int KEEP_ALIVE_PROBES = 3;
    private static final int CREDENTIALS_CACHED_S = 900;

    /** Longer than the 30 seconds for which s2n may hold a connection whose handshake failed: see {@link TlsProbe}. */
    private static final long CLOSE_TIMEOUT_S = 45;

    private final RequestEncoder encoder;
    private final RequestSigner signer;
    private final AnswerDecoder decoder;
    private final TransportErrors transportErrors;
    private final Addressing addressing;
    private final Deque<Opened> opened = new ArrayDeque<>();
    private final HttpClientConnectionManager connections;

    /** Null when there is nothing to ask. */
    private final TlsProbe tlsProbe;

    /** Something to be closed, and what tells that it is gone; null when closing is all. */
    private record Opened(AutoCloseable resource, CompletableFuture<Void> gone) {}

    CrtClient(final CrtConfig config, final Addressing addressing, final Clock clock) {
        this.addressing = addressing;
        final ErrorDecoder errors = new ErrorDecoder(config, addressing, clock);
        this.encoder = new RequestEncoder(addressing, config.checksum());
        this.decoder = new AnswerDecoder(addressing, errors);
        this.transportErrors = new TransportErrors(config, addressing);
        this.tlsProbe = TlsProbe.of(config, addressing);
        boolean whole = false;
        // The CRT's own hook would end it as soon as the JVM begins to stop, and every answer with it: whoever stops
        // cleanly could not abort an upload any more.
        CRT.acquireShutdownRef();
        open(CRT::releaseShutdownRef);
        try {
            final EventLoopGroup loops = new EventLoopGroup(config.eventLoopThreads());
            opened.push(new Opened(loops, loops.getShutdownCompleteFuture()));
            final HostResolver resolver = open(new HostResolver(loops));
            final ClientBootstrap bootstrap = new ClientBootstrap(loops, resolver);
            opened.push(new Opened(bootstrap, bootstrap.getShutdownCompleteFuture()));
            this.signer = new RequestSigner(config, openProvider(config, bootstrap), errors, clock);
            this.connections = HttpClientConnectionManager.create(connectionOptions(config, bootstrap));
            opened.push(new Opened(connections, connections.getShutdownCompleteFuture()));
            if (tlsProbe != null) {
                opened.push(new Opened(tlsProbe, null));
            }
            whole = true;
        } finally {
            if (!whole) {
                close();
            }
        }
    }

    RequestEncoder encoder() {
        return encoder;
    }

    RequestSigner signer() {
        return signer;
    }

    AnswerDecoder decoder() {
        return decoder;
    }

    TransportErrors transportErrors() {
        return transportErrors;
    }

    /** Signs a request as soon as nothing is known to speak against sending it. */
    CompletableFuture<HttpRequest> sign(final WireRequest wire) {
        return tlsProbe == null ? signer.sign(wire) : tlsProbe.verdict().thenCompose(_ -> signer.sign(wire));
    }

    CompletableFuture<HttpClientConnection> acquireConnection() {
        return connections.acquireConnection();
    }

    /** The stream is not active yet; whoever made it closes it. */
    HttpStream makeStream(final HttpClientConnection connection, final HttpRequest request, final Exchange exchange) {
        return DirectBodies.makeRequest(connection, request, exchange);
    }

    /** How many connections the limits allow. */
    static int connectionsWithin(final CrtConfig config) {
        final long affordable = config.limits().memoryBytes() / CONNECTION_BYTES;
        return (int) Math.clamp(affordable, 1, config.limits().connections());
    }

    /** Nothing may be on its way any more. */
    @Override
    public void close() {
        while (!opened.isEmpty()) {
            final Opened last = opened.pop();
            try {
                last.resource.close();
                if (last.gone != null) {
                    last.gone.get(CLOSE_TIMEOUT_S, TimeUnit.SECONDS);
                }
            } catch (final InterruptedException _) {
                Thread.currentThread().interrupt();
            } catch (final ExecutionException | TimeoutException e) {
                throw new IllegalStateException(
                        "a " + last.resource.getClass().getSimpleName() + " of the CRT did not end", e);
            } catch (final Exception e) {
                throw new IllegalStateException("the CRT does not give back what it holds", e);
            }
        }
    }

    private <T extends AutoCloseable> T open(final T resource) {
        opened.push(new Opened(resource, null));
        return resource;
    }

    private CredentialsProvider openProvider(final CrtConfig config, final ClientBootstrap bootstrap) {
        return switch (config.credentials()) {
            case CrtCredentials.Anonymous _ -> null;
            case CrtCredentials.Fixed fixed ->
                openProvider(new StaticCredentialsProvider.StaticCredentialsProviderBuilder()
                        .withCredentials(new Credentials(
                                bytes(fixed.accessKeyId()),
                                bytes(fixed.secretAccessKey()),
                                fixed.sessionToken() == null ? null : bytes(fixed.sessionToken())))
                        .build());
            case CrtCredentials.Profile profile -> openCached(newProvider(profile, bootstrap));
            // The chain caches by itself.
            case CrtCredentials.Chain _ ->
                openProvider(new DefaultChainCredentialsProvider.DefaultChainCredentialsProviderBuilder()
                        .withClientBootstrap(bootstrap)
                        .build());
        };
    }

    private static CredentialsProvider newProvider(
            final CrtCredentials.Profile profile, final ClientBootstrap bootstrap) {
        try {
            return ProfileCredentialsProvider.builder()
                    .withClientBootstrap(bootstrap)
                    .withProfileName(profile.name())
                    .withConfigFileNameOverride(text(profile.configFile()))
                    .withCredentialsFileNameOverride(text(profile.credentialsFile()))
                    .build();
        } catch (final CrtRuntimeException e) {
            throw new IllegalArgumentException(
                    "there are no " + profile.describe() + " in the configuration files: " + e.getMessage(), e);
        }
    }

    private CredentialsProvider openCached(final CredentialsProvider provider) {
        openProvider(provider);
        return openProvider(new CachedCredentialsProvider.CachedCredentialsProviderBuilder()
                .withCachedProvider(provider)
                .withCachingDurationInSeconds(CREDENTIALS_CACHED_S)
                .build());
    }

    private CredentialsProvider openProvider(final CredentialsProvider provider) {
        opened.push(new Opened(provider, provider.getShutdownCompleteFuture()));
        return provider;
    }

    private HttpClientConnectionManagerOptions connectionOptions(
            final CrtConfig config, final ClientBootstrap bootstrap) {
        final SocketOptions socket = open(new SocketOptions());
        socket.connectTimeoutMs = CONNECT_TIMEOUT_MS;
        socket.setTcpKeepAlive(KEEP_ALIVE_AFTER_S, KEEP_ALIVE_INTERVAL_S, KEEP_ALIVE_PROBES);
        final HttpClientConnectionManagerOptions options = new HttpClientConnectionManagerOptions()
                .withClientBootstrap(bootstrap)
                .withSocketOptions(socket)
                .withUri(addressing.connectTo())
                .withMaxConnections(connectionsWithin(config))
                .withMaxConnectionIdleInMilliseconds(IDLE_CONNECTION_MS);
        if (addressing.isTls()) {
            options.withTlsContext(openTls(config));
        }
        final HttpProxyEnvironmentVariableSetting environment = new HttpProxyEnvironmentVariableSetting();
        environment.setEnvironmentVariableType(
                config.proxy() instanceof CrtProxy.FromEnvironment
                        ? HttpProxyEnvironmentVariableSetting.HttpProxyEnvironmentVariableType.ENABLED
                        : HttpProxyEnvironmentVariableSetting.HttpProxyEnvironmentVariableType.DISABLED);
        options.withProxyEnvironmentVariableSetting(environment);
        if (config.proxy() instanceof final CrtProxy.At at) {
            options.withProxyOptions(proxyOptions(at));
        }
        return options;
    }

    private HttpProxyOptions proxyOptions(final CrtProxy.At at) {
        final HttpProxyOptions options = new HttpProxyOptions();
        options.setHost(at.host());
        options.setPort(at.port());
        options.setConnectionType(
                addressing.isTls()
                        ? HttpProxyOptions.HttpProxyConnectionType.Tunneling
                        : HttpProxyOptions.HttpProxyConnectionType.Forwarding);
        if (at.user() != null) {
            options.setAuthorizationType(HttpProxyOptions.HttpProxyAuthorizationType.Basic);
            options.setAuthorizationUsername(at.user());
            options.setAuthorizationPassword(at.password());
        }
        return options;
    }

    private ClientTlsContext openTls(final CrtConfig config) {
        try (TlsContextOptions options = TlsContextOptions.createDefaultClient()) {
            options.withVerifyPeer(config.verifyTls());
            if (config.caFile() != null) {
                requireCertificates(config.caFile());
                options.withCertificateAuthorityFromPath(null, config.caFile().toString());
            }
            return open(new ClientTlsContext(options));
        } catch (final CrtRuntimeException e) {
            throw new IllegalArgumentException(
                    (config.caFile() == null
                                    ? "the authorities that this host trusts cannot be read: "
                                    : "the certificates in " + config.caFile() + " cannot be used: ")
                            + e.getMessage(),
                    e);
        }
    }

    /** The CRT takes a file without any for one with none to trust, and refuses every server later. */
    private static void requireCertificates(final Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            if (CertificateFactory.getInstance("X.509").generateCertificates(in).isEmpty()) {
                throw new IllegalArgumentException("there is no certificate in " + file);
            }
        } catch (final IOException | CertificateException e) {
            throw new IllegalArgumentException(
                    "the certificates of the setting ca cannot be read from " + file + ": " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(final Path path) {
        return path == null ? null : path.toString();
    }
}
