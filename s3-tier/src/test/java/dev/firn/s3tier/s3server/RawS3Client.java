package dev.firn.s3tier.s3server;

import dev.firn.nativeio.seam.SystemClock;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Single S3 requests by the JDK's own HTTP client, signed (AWS Signature Version 4), nothing tried again: for making buckets, and for
 * tests that want to see what a server or the proxy says, without what a client library makes of it.
 */
public final class RawS3Client implements AutoCloseable {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final URI endpoint;
    private final S3Server account;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();

    /**
     * @param endpoint the server's, or that of a proxy before it.
     * @param account whose region and keys are used.
     */
    public RawS3Client(final URI endpoint, final S3Server account) {
        this.endpoint = endpoint;
        this.account = account;
    }

    public RawS3Client(final S3Server server) {
        this(server.endpoint(), server);
    }

    /**
     * Sends a request and waits for the whole answer.
     *
     * @param target path and query, percent-encoded.
     * @param headers name, value, name, value, ….
     */
    public HttpResponse<byte[]> send(
            final String method, final String target, final byte[] body, final String... headers) throws IOException {
        return send(method, target, HttpRequest.BodyPublishers.ofByteArray(body), headers);
    }

    /** As above, with a body that may have no known length, and then travels in chunks. */
    public HttpResponse<byte[]> send(
            final String method, final String target, final HttpRequest.BodyPublisher body, final String... headers)
            throws IOException {
        final HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(endpoint + target))
                .timeout(TIMEOUT)
                .method(method, body);
        final Map<String, String> signed = new TreeMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            if (headers[i].equalsIgnoreCase("Expect")) {
                request.expectContinue(true);
            } else {
                signed.put(headers[i].toLowerCase(Locale.ROOT), headers[i + 1]);
            }
        }
        signed.put("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
        signed.put("x-amz-date", STAMP.format(Instant.ofEpochSecond(0, SystemClock.INSTANCE.epochNs())));
        signed.forEach(request::header);
        request.header("Authorization", authorization(method, target, signed));
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for an answer to " + method + " " + target, e);
        }
    }

    public HttpResponse<byte[]> put(final String target, final byte[] body, final String... headers)
            throws IOException {
        return send("PUT", target, body, headers);
    }

    public HttpResponse<byte[]> get(final String target, final String... headers) throws IOException {
        return send("GET", target, HttpRequest.BodyPublishers.noBody(), headers);
    }

    public HttpResponse<byte[]> head(final String target, final String... headers) throws IOException {
        return send("HEAD", target, HttpRequest.BodyPublishers.noBody(), headers);
    }

    public HttpResponse<byte[]> delete(final String target) throws IOException {
        return send("DELETE", target, HttpRequest.BodyPublishers.noBody());
    }

    /** See "Signature Version 4 signing process" in the S3 API reference; the payload is not signed. */
    private String authorization(final String method, final String target, final Map<String, String> headers) {
        final Map<String, String> all = new TreeMap<>(headers);
        all.put("host", endpoint.getRawAuthority());
        final StringBuilder canonical = new StringBuilder(method).append('\n');
        final int question = target.indexOf('?');
        canonical.append(question < 0 ? target : target.substring(0, question)).append('\n');
        canonical
                .append(question < 0 ? "" : canonicalQuery(target.substring(question + 1)))
                .append('\n');
        all.forEach((name, value) ->
                canonical.append(name).append(':').append(value.strip()).append('\n'));
        final String names = String.join(";", all.keySet());
        canonical.append('\n').append(names).append('\n').append(headers.get("x-amz-content-sha256"));

        final String time = headers.get("x-amz-date");
        final String date = time.substring(0, 8);
        final String scope = date + "/" + account.region() + "/s3/aws4_request";
        final String toSign = "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + hex(sha256(canonical.toString()));
        byte[] key = ("AWS4" + account.secretAccessKey()).getBytes(StandardCharsets.UTF_8);
        for (final String part : new String[] {date, account.region(), "s3", "aws4_request", toSign}) {
            key = hmac(key, part);
        }
        return "AWS4-HMAC-SHA256 Credential=" + account.accessKeyId() + "/" + scope + ", SignedHeaders=" + names
                + ", Signature=" + hex(key);
    }

    private static String canonicalQuery(final String query) {
        final String[] parameters = query.split("&", -1);
        for (int i = 0; i < parameters.length; i++) {
            if (parameters[i].indexOf('=') < 0) {
                parameters[i] += "=";
            }
        }
        Arrays.sort(parameters);
        return String.join("&", parameters);
    }

    private static byte[] sha256(final String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (final GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] hmac(final byte[] key, final String text) {
        try {
            final Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (final GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String hex(final byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public void close() {
        http.shutdownNow();
        http.close();
    }
}
