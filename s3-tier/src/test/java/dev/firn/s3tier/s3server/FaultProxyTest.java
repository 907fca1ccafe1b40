package dev.firn.s3tier.s3server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class FaultProxyTest {
    private static final long SEED = 0xF1D0;
    private static final String BUCKET = "/fault-proxy-test";
    private static final String KEY = BUCKET + "/object";
    private static final byte[] HELLO = "hello, proxy".getBytes(StandardCharsets.UTF_8);
    private static final byte[] OTHER = "other".getBytes(StandardCharsets.UTF_8);

    private static S3Server server;
    private static RawS3Client direct;

    private FaultProxy proxy;
    private RawS3Client s3;

    @BeforeAll
    static void openServer() throws IOException {
        server = S3Server.shared();
        server.createBucket(BUCKET.substring(1));
        direct = new RawS3Client(server);
    }

    @AfterAll
    static void closeClient() {
        direct.close();
    }

    @BeforeEach
    void openProxy() throws IOException {
        proxy = FaultProxy.before(server.endpoint(), SEED);
        s3 = new RawS3Client(proxy.endpoint(), server);
        direct.put(KEY, HELLO);
    }

    @AfterEach
    void closeProxy() {
        s3.close();
        proxy.close();
    }

    @Test
    void shouldChangeNothingWhenNoFaultIsInjected() throws IOException {
        final byte[] large = random(3 << 20);
        assertThat(s3.put(BUCKET + "/large", large, "x-amz-meta-firn-writes", "abc")
                        .statusCode())
                .isEqualTo(200);
        final HttpResponse<byte[]> whole = s3.get(BUCKET + "/large");
        assertThat(whole.body()).isEqualTo(large);
        assertThat(whole.headers().firstValue("x-amz-meta-firn-writes")).contains("abc");
        assertThat(s3.get(BUCKET + "/large", "Range", "bytes=5-9").body()).isEqualTo(Arrays.copyOfRange(large, 5, 10));
        assertThat(s3.head(BUCKET + "/large").headers().firstValueAsLong("Content-Length"))
                .hasValue(large.length);
        assertThat(text(s3.get(BUCKET + "?list-type=2&prefix=large"))).contains("<Key>large</Key>");
        assertThat(s3.delete(BUCKET + "/large").statusCode()).isEqualTo(204);
        assertThat(s3.get(BUCKET + "/large").statusCode()).isEqualTo(404);
        assertThat(s3.put(BUCKET + "/empty", new byte[0]).statusCode()).isEqualTo(200);
        assertThat(s3.get(BUCKET + "/empty").body()).isEmpty();
        assertThat(proxy.requests()).isEqualTo(9);
        assertThat(proxy.connections()).isEqualTo(1);
    }

    @Test
    void shouldPassBodiesInChunksAndWaitForTheirInvitation() throws IOException {
        final byte[] body = random(1 << 20);
        s3.send("PUT", KEY, HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)));
        assertThat(direct.get(KEY).body()).isEqualTo(body);
        s3.put(KEY, HELLO, "Expect", "100-continue");
        assertThat(direct.get(KEY).body()).isEqualTo(HELLO);
    }

    @Test
    void shouldAnswerErrorsInTheServersPlace() throws IOException {
        final FaultProxy.Injection slowDown =
                proxy.inject(Fault.slowDown(7), RequestPattern.puts().once());
        final HttpResponse<byte[]> answer = s3.put(KEY, OTHER);
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).contains("7");
        assertThat(text(answer)).contains("<Code>SlowDown</Code>");
        assertThat(slowDown.count()).isEqualTo(1);
        assertThat(direct.get(KEY).body()).isEqualTo(HELLO);
        assertThat(s3.put(KEY, OTHER).statusCode()).isEqualTo(200);

        proxy.inject(Fault.errorWithin200(), RequestPattern.gets());
        assertThat(text(s3.get(KEY))).contains("<Code>InternalError</Code>");
        proxy.inject(new Fault.ErrorAfterEffect(500, "InternalError"), RequestPattern.puts());
        assertThat(s3.put(KEY, HELLO).statusCode()).isEqualTo(500);
        assertThat(direct.get(KEY).body()).isEqualTo(HELLO);
    }

    @Test
    void shouldBreakTheConnectionBeforeTheServerHearsOfTheRequest() throws IOException {
        proxy.inject(new Fault.ResetOnRequest(), RequestPattern.puts());
        assertThatThrownBy(() -> s3.put(KEY, OTHER)).isInstanceOf(IOException.class);
        proxy.clear();
        proxy.inject(new Fault.ResetInRequest(70_000), RequestPattern.puts());
        assertThatThrownBy(() -> s3.put(KEY, random(200_000))).isInstanceOf(IOException.class);
        assertThat(direct.get(KEY).body()).isEqualTo(HELLO);
    }

    @Test
    void shouldLoseAnswersOfWhatHasHappened() throws IOException {
        final FaultProxy.Injection lost = proxy.inject(new Fault.LostAnswer(), RequestPattern.puts());
        assertThatThrownBy(() -> s3.put(KEY, OTHER)).isInstanceOf(IOException.class);
        assertThat(lost.count()).isEqualTo(1);
        assertThat(direct.get(KEY).body()).isEqualTo(OTHER);
        proxy.clear();
        proxy.inject(new Fault.ResetAfterRequest(), RequestPattern.puts());
        assertThatThrownBy(() -> s3.put(KEY, HELLO)).isInstanceOf(IOException.class);
        assertThat(Waiting.until(
                        Duration.ofSeconds(10),
                        () -> Arrays.equals(direct.get(KEY).body(), HELLO)))
                .isTrue();
    }

    @Test
    void shouldBreakAnswersOff() throws IOException {
        proxy.inject(new Fault.ResetInAnswer(5), RequestPattern.gets());
        assertThatThrownBy(() -> s3.get(KEY)).isInstanceOf(IOException.class);
        proxy.clear();
        proxy.inject(new Fault.TruncatedAnswer(5), RequestPattern.gets());
        assertThatThrownBy(() -> s3.get(KEY)).isInstanceOf(IOException.class);
    }

    @Test
    void shouldTurnOneBitOver() throws IOException {
        final byte[] body = random(300_000);
        direct.put(KEY, body);
        proxy.inject(new Fault.FlippedAnswer(), RequestPattern.gets());
        assertThat(bitsThatDiffer(s3.get(KEY).body(), body)).isEqualTo(1);
        proxy.clear();
        proxy.inject(new Fault.FlippedRequest(), RequestPattern.puts());
        s3.put(KEY, body);
        assertThat(bitsThatDiffer(direct.get(KEY).body(), body)).isEqualTo(1);
    }

    @Test
    void shouldHangUntilTheClientGivesUp() throws Exception {
        proxy.inject(new Fault.Hang(), RequestPattern.puts());
        proxy.inject(new Fault.HangAfterEffect(), RequestPattern.of("DELETE", ""));
        try (HttpClient http = HttpClient.newHttpClient()) {
            final CompletableFuture<HttpResponse<String>> put = http.sendAsync(
                    to(KEY).PUT(HttpRequest.BodyPublishers.ofByteArray(OTHER)).build(),
                    HttpResponse.BodyHandlers.ofString());
            final CompletableFuture<HttpResponse<String>> delete =
                    http.sendAsync(to(KEY).DELETE().build(), HttpResponse.BodyHandlers.ofString());
            assertThat(Waiting.until(
                            Duration.ofSeconds(10), () -> direct.get(KEY).statusCode() == 404))
                    .isTrue();
            assertThat(put).isNotDone();
            assertThat(delete).isNotDone();
            assertThat(proxy.connections()).isEqualTo(2);
            http.shutdownNow();
        }
        assertThat(Waiting.<RuntimeException>until(Duration.ofSeconds(10), () -> proxy.connections() == 0))
                .isTrue();
        assertThat(direct.get(KEY).statusCode()).isEqualTo(404);
    }

    @Test
    void shouldDelayRequestsAndAnswers() throws IOException {
        final Duration delay = Duration.ofMillis(300);
        proxy.inject(new Fault.LateRequest(delay), RequestPattern.puts());
        proxy.inject(new Fault.LateAnswer(delay), RequestPattern.heads());
        proxy.inject(new Fault.SlowAnswer(20), RequestPattern.gets());
        assertThat(elapsed(() -> s3.put(KEY, HELLO))).isGreaterThan(delay);
        assertThat(elapsed(() -> s3.head(KEY))).isGreaterThan(delay);
        assertThat(elapsed(() -> assertThat(s3.get(KEY).body()).isEqualTo(HELLO)))
                .isGreaterThan(delay);
    }

    @Test
    void shouldRepeatARequestAfterItsAnswer() throws IOException {
        proxy.inject(
                new Fault.Duplicate(Duration.ofMillis(100)),
                RequestPattern.puts().once());
        assertThat(s3.put(KEY, OTHER).statusCode()).isEqualTo(200);
        s3.put(KEY, HELLO);
        proxy.awaitDuplicates();
        assertThat(direct.get(KEY).body()).isEqualTo(OTHER);
    }

    @Test
    void shouldChooseRequestsByPatternNumberAndProbability() throws IOException {
        final FaultProxy.Injection third = proxy.inject(
                Fault.internalError(),
                RequestPattern.gets().ofKey("object").after(2).once());
        final FaultProxy.Injection conditional =
                proxy.inject(Fault.conflict(), RequestPattern.ANY.carrying("If-Match"));
        final FaultProxy.Injection half =
                proxy.inject(Fault.slowDown(), RequestPattern.heads().withProbability(0.5));
        for (int i = 0; i < 5; i++) {
            assertThat(s3.get(KEY).statusCode()).isEqualTo(i == 2 ? 500 : 200);
        }
        assertThat(s3.put(KEY, HELLO, "If-Match", "*").statusCode()).isEqualTo(409);
        for (int i = 0; i < 64; i++) {
            s3.head(KEY);
        }
        assertThat(third.count()).isEqualTo(1);
        assertThat(conditional.count()).isEqualTo(1);
        assertThat(half.count()).isBetween(16L, 48L);
        half.remove();
        assertThat(s3.head(KEY).statusCode()).isEqualTo(200);
    }

    @Test
    void shouldMakeTheServerUnfitWhenItHasATrait() throws IOException {
        assertThat(s3.put(KEY, OTHER, "If-None-Match", "*").statusCode()).isEqualTo(412);
        proxy.give(ServerTrait.WITHOUT_CONDITIONAL_WRITES);
        assertThat(s3.put(KEY, OTHER, "If-None-Match", "*").statusCode()).isEqualTo(200);
        proxy.clear();
        proxy.give(ServerTrait.WITHOUT_CONDITIONAL_REPLACE);
        assertThat(s3.put(KEY, HELLO, "If-Match", "\"0\"").statusCode()).isEqualTo(200);
        assertThat(s3.put(KEY, HELLO, "If-None-Match", "*").statusCode()).isEqualTo(412);
        proxy.clear();
        proxy.give(ServerTrait.REFUSES_CONDITIONAL_WRITES);
        assertThat(s3.put(KEY, HELLO, "If-None-Match", "*").statusCode()).isEqualTo(501);
        proxy.clear();
        proxy.give(ServerTrait.IGNORES_RANGES);
        assertThat(s3.get(KEY, "Range", "bytes=1-2").body()).isEqualTo(HELLO);
        proxy.clear();
        proxy.give(ServerTrait.WITHOUT_METADATA);
        s3.put(KEY, HELLO, "x-amz-meta-firn-writes", "abc");
        assertThat(direct.head(KEY).headers().firstValue("x-amz-meta-firn-writes"))
                .isEmpty();
    }

    @Test
    void shouldShowOldListsWhenTheyAreStale() throws IOException {
        proxy.give(ServerTrait.STALE_LISTS);
        final String list = BUCKET + "?list-type=2&prefix=stale";
        assertThat(text(s3.get(list))).doesNotContain("stale-one");
        direct.put(BUCKET + "/stale-one", HELLO);
        assertThat(text(s3.get(list))).doesNotContain("stale-one");
        proxy.clear();
        assertThat(text(s3.get(list))).contains("stale-one");
    }

    @Test
    void shouldIgnoreChecksumsOnlyWhenTold() throws IOException {
        final String wrong = "AAAAAA==";
        assertThat(s3.put(KEY, OTHER, "x-amz-checksum-crc32c", wrong).statusCode())
                .isEqualTo(400);
        proxy.give(ServerTrait.WITHOUT_CHECKSUMS);
        assertThat(s3.put(KEY, OTHER, "x-amz-checksum-crc32c", wrong).statusCode())
                .isEqualTo(200);
    }

    private HttpRequest.Builder to(final String target) {
        return HttpRequest.newBuilder(URI.create(proxy.endpoint() + target));
    }

    /** What takes time. */
    @FunctionalInterface
    private interface Action {
        void run() throws IOException;
    }

    private static Duration elapsed(final Action action) throws IOException {
        final long begun = SystemClock.INSTANCE.nanoTime();
        action.run();
        return Duration.ofNanos(SystemClock.INSTANCE.nanoTime() - begun);
    }

    private static int bitsThatDiffer(final byte[] left, final byte[] right) {
        assertThat(left).hasSameSizeAs(right);
        int bits = 0;
        for (int i = 0; i < left.length; i++) {
            bits += Integer.bitCount((left[i] ^ right[i]) & 0xff);
        }
        return bits;
    }

    private static byte[] random(final int length) {
        final byte[] bytes = new byte[length];
        SystemRandom.seeded(SEED).nextBytes(bytes);
        return bytes;
    }

    private static String text(final HttpResponse<byte[]> answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }
}
