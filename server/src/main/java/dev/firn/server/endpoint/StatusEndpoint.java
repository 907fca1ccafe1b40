package dev.firn.server.endpoint;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.firn.server.CommandException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server of a running process: the whole system, or one role. It listens on loopback unless it is told to listen
 * elsewhere, and then only answers those who show its token. It takes GET and HEAD, and POST where there is something to control.
 *
 * <p>A page of a foreign site could point its own name at 127.0.0.1 and have a browser read what is here (DNS rebinding),
 * so a request to loopback must also name loopback as its host. It could also have a browser POST blindly, so that wants a token
 * that only a file of the data directory holds.
 */
public final class StatusEndpoint implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("endpoint");

    private static final int THREADS = 2;

    /** Requests that wait for a thread; past that the server's own thread answers, which slows the accepting. */
    private static final int MAX_WAITING = 32;

    private static final int BACKLOG = 32;

    /** Seconds that a client may take to send its request, and to take its answer. */
    private static final String CLIENT_LIMIT_SECONDS = "10";

    private static final String MAX_CONNECTIONS = "64";

    /** The longest body of a POST. */
    public static final int MAX_REQUEST_BYTES = 64 << 10;

    private static final int HTTP_OK = 200;
    private static final int HTTP_UNAUTHORIZED = 401;
    private static final int HTTP_FORBIDDEN = 403;
    private static final int HTTP_NOT_FOUND = 404;
    private static final int HTTP_METHOD_NOT_ALLOWED = 405;
    private static final int HTTP_TOO_LARGE = 413;
    private static final int HTTP_UNAVAILABLE = 503;
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String JSON = "application/json";
    private static final Set<String> LOOPBACK_NAMES = Set.of("127.0.0.1", "localhost", "[::1]");

    private final HttpServer server;
    private final ThreadPoolExecutor executor;
    private final String url;
    private final EndpointAccess access;
    private final Supplier<SystemSnapshot> snapshots;
    private final SystemMetrics metrics;
    private final StatusPage page = new StatusPage();

    private StatusEndpoint(
            final HttpServer server,
            final EndpointAccess access,
            final Supplier<SystemSnapshot> snapshots,
            final SystemMetrics metrics) {
        this.server = server;
        this.access = access;
        this.url = "http://" + host(server.getAddress().getAddress()) + ":"
                + server.getAddress().getPort() + "/";
        this.snapshots = snapshots;
        this.metrics = metrics;
        final AtomicInteger threads = new AtomicInteger();
        this.executor = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_WAITING),
                task -> {
                    final Thread thread = new Thread(task, "firn-endpoint-" + threads.getAndIncrement());
                    thread.setDaemon(true);
                    return thread;
                },
                new ThreadPoolExecutor.CallerRunsPolicy());
    }

    /** Takes the port, without answering yet. */
    public static StatusEndpoint bind(
            final EndpointAccess access, final Supplier<SystemSnapshot> snapshots, final SystemMetrics metrics) {
        System.setProperty("sun.net.httpserver.maxReqTime", CLIENT_LIMIT_SECONDS);
        System.setProperty("sun.net.httpserver.maxRspTime", CLIENT_LIMIT_SECONDS);
        System.setProperty("jdk.httpserver.maxConnections", MAX_CONNECTIONS);
        System.setProperty("sun.net.httpserver.nodelay", "true");
        final InetSocketAddress address = access.address();
        if (!address.getAddress().isLoopbackAddress() && access.readToken().isEmpty()) {
            throw new IllegalArgumentException(address + " is beyond loopback, and there is no token");
        }
        try {
            return new StatusEndpoint(HttpServer.create(address, BACKLOG), access, snapshots, metrics);
        } catch (final IOException e) {
            throw new CommandException(
                    "port " + address.getPort() + " of " + host(address.getAddress()) + " cannot be had ("
                            + e.getMessage()
                            + "): choose another with --port, or leave --port out for any that is free",
                    e);
        }
    }

    private static String host(final InetAddress address) {
        final String text = address.getHostAddress();
        return address instanceof Inet6Address ? "[" + text + "]" : text;
    }

    public void start() {
        server.setExecutor(executor);
        server.createContext("/", exchange -> {
            try (exchange) {
                answer(exchange);
            } catch (final IOException e) {
                LOG.debug("a client went away: {}", e.getMessage());
            } catch (final RuntimeException e) {
                LOG.warn("{} could not be answered: {}", exchange.getRequestURI(), e.toString(), e);
            }
        });
        server.start();
    }

    /** The root, with a slash at the end. */
    public String url() {
        return url;
    }

    /** Lets go of the port at once; answers that are under way are cut off. */
    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }

    private void answer(final HttpExchange exchange) throws IOException {
        final boolean loopback = server.getAddress().getAddress().isLoopbackAddress();
        if (loopback && !namesLoopback(exchange.getRequestHeaders().getFirst("Host"))) {
            send(exchange, HTTP_FORBIDDEN, TEXT, "ask for 127.0.0.1 or localhost\n");
            return;
        }
        final String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        if (access.readToken().isPresent()
                && !EndpointAccess.shows(authorization, access.readToken().get())) {
            refuseUnknown(exchange);
            return;
        }
        final String method = exchange.getRequestMethod();
        if (method.equals("POST") && access.control().isPresent()) {
            control(exchange, authorization, access.control().get());
            return;
        }
        if (!method.equals("GET") && !method.equals("HEAD")) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            send(exchange, HTTP_METHOD_NOT_ALLOWED, TEXT, "only GET and HEAD\n");
            return;
        }
        show(exchange);
    }

    private static void refuseUnknown(final HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
        send(exchange, HTTP_UNAUTHORIZED, TEXT, "a token is needed: Authorization: Bearer TOKEN\n");
    }

    private void control(final HttpExchange exchange, final String authorization, final Control handler)
            throws IOException {
        if (!EndpointAccess.shows(authorization, access.controlToken())) {
            refuseUnknown(exchange);
            return;
        }
        final byte[] body = exchange.getRequestBody().readNBytes(MAX_REQUEST_BYTES + 1);
        if (body.length > MAX_REQUEST_BYTES) {
            send(exchange, HTTP_TOO_LARGE, TEXT, "at most " + MAX_REQUEST_BYTES + " bytes\n");
            return;
        }
        final Control.Answer answer =
                handler.post(exchange.getRequestURI().getPath(), new String(body, StandardCharsets.UTF_8));
        send(exchange, answer.code(), JSON, answer.body());
    }

    private void show(final HttpExchange exchange) throws IOException {
        switch (exchange.getRequestURI().getPath()) {
            case "/" -> send(exchange, HTTP_OK, "text/html; charset=utf-8", page.render(snapshots.get()));
            case "/status" -> send(exchange, HTTP_OK, JSON, StatusDocument.status(snapshots.get()));
            case "/healthz" -> {
                final SystemSnapshot snapshot = snapshots.get();
                final boolean failing = snapshot.health() == SystemSnapshot.Health.FAILING;
                send(exchange, failing ? HTTP_UNAVAILABLE : HTTP_OK, JSON, StatusDocument.health(snapshot));
            }
            case "/metrics" -> sendMetrics(exchange);
            default -> send(exchange, HTTP_NOT_FOUND, TEXT, "there is /, /status, /metrics and /healthz\n");
        }
    }

    private void sendMetrics(final HttpExchange exchange) throws IOException {
        final String accept = exchange.getRequestHeaders().getFirst("Accept");
        final ByteArrayOutputStream body = new ByteArrayOutputStream();
        metrics.write(accept, body);
        send(exchange, HTTP_OK, metrics.contentType(accept), body.toByteArray());
    }

    private static boolean namesLoopback(final String host) {
        if (host == null) {
            return false;
        }
        final int port = host.lastIndexOf(':');
        final boolean hasPort = port > host.lastIndexOf(']');
        return LOOPBACK_NAMES.contains(hasPort ? host.substring(0, port) : host);
    }

    private static void send(final HttpExchange exchange, final int code, final String type, final String body)
            throws IOException {
        send(exchange, code, type, body.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(final HttpExchange exchange, final int code, final String type, final byte[] body)
            throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        exchange.getResponseHeaders()
                .set(
                        "Content-Security-Policy",
                        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(body.length));
            exchange.sendResponseHeaders(code, -1);
        } else {
            exchange.sendResponseHeaders(code, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
