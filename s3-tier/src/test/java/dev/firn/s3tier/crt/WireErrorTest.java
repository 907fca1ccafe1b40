package dev.firn.s3tier.crt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.AbortUpload;
import dev.firn.s3tier.backend.AttemptRequest.CompleteUpload;
import dev.firn.s3tier.backend.AttemptRequest.DeleteBatch;
import dev.firn.s3tier.backend.AttemptRequest.HeadObject;
import dev.firn.s3tier.backend.AttemptRequest.ListPage;
import dev.firn.s3tier.backend.AttemptRequest.Part;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptRequest.PutObject;
import dev.firn.s3tier.backend.AttemptRequest.UploadPart;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.ConditionFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Missing;
import dev.firn.s3tier.backend.AttemptResult.ObjectWritten;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.backend.AttemptResult.UploadAborted;
import dev.firn.s3tier.crt.WireServer.End;
import dev.firn.s3tier.crt.WireServer.Reply;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.WriteStamp;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of an attempt when the store, or the way to it, fails. */
class WireErrorTest {
    private static final List<Part> PARTS = List.of(new Part(1, "\"p\"", 5, 0));

    private static Arena arena;

    @BeforeAll
    static void open() {
        arena = Arena.ofShared();
    }

    @AfterAll
    static void close() {
        arena.close();
    }

    @Test
    void shouldTellEachStatusAndCodeApart() throws IOException {
        final AttemptRequest put = put(Precondition.NONE);
        final AttemptRequest create = put(Precondition.ABSENT);
        final AttemptRequest head = new HeadObject("k");
        expect(put, 500, "InternalError", FailureKind.STORE_ERROR, Effect.UNKNOWN, Retry.LATER, "the store failed");
        expect(put, 502, "", FailureKind.STORE_ERROR, Effect.UNKNOWN, Retry.LATER, "HTTP 502");
        expect(put, 503, "SlowDown", FailureKind.THROTTLED, Effect.UNKNOWN, Retry.LATER, "slow down");
        expect(head, 503, "", FailureKind.THROTTLED, Effect.NONE, Retry.LATER, "slow down");
        expect(put, 429, "", FailureKind.THROTTLED, Effect.NONE, Retry.LATER, "slow down");
        expect(put, 403, "AccessDenied", FailureKind.DENIED, Effect.NONE, Retry.NEVER, "may not do this");
        expect(head, 401, "", FailureKind.DENIED, Effect.NONE, Retry.NEVER, "may not do this");
        expect(
                put,
                403,
                "SignatureDoesNotMatch",
                FailureKind.DENIED,
                Effect.NONE,
                Retry.NEVER,
                "secret key does not belong");
        expect(
                put,
                403,
                "InvalidAccessKeyId",
                FailureKind.DENIED,
                Effect.NONE,
                Retry.NEVER,
                "does not know this access key");
        expect(put, 403, "RequestTimeTooSkewed", FailureKind.DENIED, Effect.NONE, Retry.NEVER, "NTP");
        expect(
                put,
                404,
                "NoSuchBucket",
                FailureKind.NO_SUCH_PLACE,
                Effect.NONE,
                Retry.NEVER,
                "no bucket box at http://");
        expect(
                create,
                409,
                "ConditionalRequestConflict",
                FailureKind.STORE_ERROR,
                Effect.NONE,
                Retry.LATER,
                "on its way");
        expect(create, 409, "BucketNotEmpty", FailureKind.REJECTED, Effect.NONE, Retry.NEVER, "BucketNotEmpty");
        expect(put, 400, "BadDigest", FailureKind.CORRUPT, Effect.NONE, Retry.LATER, "checksum");
        expect(put, 400, "XAmzContentChecksumMismatch", FailureKind.CORRUPT, Effect.NONE, Retry.LATER, "checksum");
        expect(put, 400, "RequestTimeout", FailureKind.UNREACHABLE, Effect.NONE, Retry.LATER, "in time");
        expect(put, 400, "EntityTooLarge", FailureKind.REJECTED, Effect.NONE, Retry.NEVER, "EntityTooLarge");
        expect(create, 501, "NotImplemented", FailureKind.REJECTED, Effect.NONE, Retry.NEVER, "firn store check");
        expect(put, 507, "", FailureKind.FULL, Effect.UNKNOWN, Retry.NEVER, "no room");
        expect(
                new ListPage("", "", null, 9),
                404,
                "",
                FailureKind.NO_SUCH_PLACE,
                Effect.NONE,
                Retry.NEVER,
                "nothing at");
        expect(
                put,
                301,
                "PermanentRedirect",
                FailureKind.REJECTED,
                Effect.NONE,
                Retry.NEVER,
                "check endpoint and region");
    }

    private static void expect(
            final AttemptRequest request,
            final int status,
            final String code,
            final FailureKind kind,
            final Effect effect,
            final Retry retry,
            final String words)
            throws IOException {
        final AttemptFailed failed = RangedReadTest.failed(answer(request, status, code));
        assertThat(failed.kind()).as(status + code).isEqualTo(kind);
        assertThat(failed.effect()).as(status + code).isEqualTo(effect);
        assertThat(failed.retry()).as(status + code).isEqualTo(retry);
        assertThat(failed.message()).contains(words);
        assertThat(failed.requestId()).isEqualTo("REQ1 HOST2");
    }

    @Test
    void shouldTellConditionsAndAbsenceFromFailures() throws IOException {
        final AttemptRequest replace = put(new Precondition.Matches("\"e\""));
        assertThat(answer(replace, 412, "PreconditionFailed")).isInstanceOf(ConditionFailed.class);
        assertThat(answer(put(Precondition.ABSENT), 412, "")).isInstanceOf(ConditionFailed.class);
        assertThat(answer(replace, 404, "NoSuchKey")).isInstanceOf(ConditionFailed.class);
        assertThat(answer(complete(Precondition.ABSENT), 412, "PreconditionFailed"))
                .isInstanceOf(ConditionFailed.class);
        assertThat(answer(complete(new Precondition.Matches("\"e\"")), 404, "NoSuchKey"))
                .isInstanceOf(ConditionFailed.class);
        assertThat(answer(complete(new Precondition.Matches("\"e\"")), 404, "NoSuchUpload"))
                .isInstanceOf(Missing.class);
        assertThat(answer(complete(Precondition.NONE), 404, "NoSuchUpload")).isInstanceOf(Missing.class);
        assertThat(answer(new UploadPart("k", "id", 1, 0, arena.allocate(5), 0), 404, "NoSuchUpload"))
                .isInstanceOf(Missing.class);
        assertThat(answer(new AbortUpload("k", "id"), 404, "NoSuchUpload")).isEqualTo(new UploadAborted());
        assertThat(answer(new HeadObject("k"), 404, "")).isInstanceOf(Missing.class);
    }

    @Test
    void shouldFindTheErrorInACompletionThatBeganWell() throws IOException {
        final AttemptFailed internal = RangedReadTest.failed(answer(complete(Precondition.NONE), 200, "InternalError"));
        assertThat(internal.kind()).isEqualTo(FailureKind.STORE_ERROR);
        assertThat(internal.effect()).isEqualTo(Effect.UNKNOWN);
        final AttemptFailed part = RangedReadTest.failed(answer(complete(Precondition.NONE), 200, "InvalidPart"));
        assertThat(part.kind()).isEqualTo(FailureKind.REJECTED);
        assertThat(part.effect()).isEqualTo(Effect.NONE);
        assertThat(answer(complete(Precondition.ABSENT), 200, "PreconditionFailed"))
                .isInstanceOf(ConditionFailed.class);
        assertThat(RangedReadTest.failed(answer(new DeleteBatch(List.of("k")), 200, "SlowDown"))
                        .kind())
                .isEqualTo(FailureKind.THROTTLED);
    }

    @Test
    void shouldNameTheRegionAndTheTimeToWait() throws IOException {
        final AttemptResult elsewhere =
                answer(new HeadObject("k"), Reply.of(301, "x-amz-bucket-region", "eu-central-1"));
        assertThat(RangedReadTest.failed(elsewhere).message()).contains("set region=eu-central-1");
        final AttemptResult malformed = answer(
                put(Precondition.NONE),
                Reply.xml(400, "<Error><Code>AuthorizationHeaderMalformed</Code><Region>ap-2</Region></Error>"));
        assertThat(RangedReadTest.failed(malformed).message()).contains("set region=ap-2");
        final AttemptResult slow = answer(put(Precondition.NONE), Reply.of(503, "Retry-After", "7"));
        assertThat(RangedReadTest.failed(slow).retryAfterNs()).isEqualTo(TimeUnit.SECONDS.toNanos(7));
        final AttemptResult skewed = answer(
                put(Precondition.NONE),
                Reply.xml(
                        403,
                        "<Error><Code>RequestTimeTooSkewed</Code></Error>",
                        "Date",
                        "Sat, 21 Nov 2015 00:00:00 GMT"));
        assertThat(RangedReadTest.failed(skewed).message()).containsPattern("differ by \\d{8,} seconds");
    }

    @Test
    void shouldFetchExpiredCredentialsAnewOnce() throws IOException {
        final AtomicInteger requests = new AtomicInteger();
        try (WireServer server = WireServer.start(_ -> requests.incrementAndGet() == 3
                        ? Reply.of(200, "ETag", "\"e\"")
                        : Reply.xml(400, "<Error><Code>ExpiredToken</Code></Error>"));
                AttemptRunner runner = AttemptRunner.on(server)) {
            assertThat(RangedReadTest.failed(runner.run(put(Precondition.NONE))).retry())
                    .isEqualTo(Retry.LATER);
            assertThat(RangedReadTest.failed(runner.run(put(Precondition.NONE))).retry())
                    .isEqualTo(Retry.NEVER);
            assertThat(runner.run(put(Precondition.NONE))).isInstanceOf(ObjectWritten.class);
            assertThat(RangedReadTest.failed(runner.run(put(Precondition.NONE))).retry())
                    .isEqualTo(Retry.LATER);
        }
    }

    @Test
    void shouldRefuseToGuessAtAMalformedAnswer() throws IOException {
        final String[] broken = {
            "",
            "no XML",
            "<ListBucketResult>",
            "<Other/>",
            "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><ListBucketResult>&e;</ListBucketResult>",
            "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
            "<ListBucketResult><Contents><Key>k</Key><Size>x</Size></Contents></ListBucketResult>",
            "<ListBucketResult><Contents><Key>k</Key><Size>-1</Size></Contents></ListBucketResult>",
            "<ListBucketResult><EncodingType>url</EncodingType><CommonPrefixes><Prefix>%G1</Prefix></CommonPrefixes></ListBucketResult>",
            "<ListBucketResult><EncodingType>url</EncodingType><CommonPrefixes><Prefix>%FF</Prefix></CommonPrefixes></ListBucketResult>",
            "<a>".repeat(1_000)
        };
        for (final String xml : broken) {
            final AttemptFailed list =
                    RangedReadTest.failed(answer(new ListPage("", "", null, 9), Reply.xml(200, xml)));
            assertThat(list.kind()).as(xml).isEqualTo(FailureKind.STORE_ERROR);
            assertThat(list.message()).contains("cannot be understood").doesNotContain("root:");
            final AttemptFailed complete =
                    RangedReadTest.failed(answer(complete(Precondition.NONE), Reply.xml(200, xml)));
            assertThat(complete.effect()).isEqualTo(Effect.UNKNOWN);
        }
        final AttemptFailed put = RangedReadTest.failed(answer(put(Precondition.NONE), Reply.of(200)));
        assertThat(put.effect()).isEqualTo(Effect.UNKNOWN);
        assertThat(put.message()).contains("no ETag");
    }

    @Test
    void shouldBoundTheTextOfAnAnswer() throws IOException {
        final byte[] endless = new byte[AnswerBody.MAX_TEXT_BYTES + 1];
        final AttemptFailed failed = RangedReadTest.failed(
                answer(new ListPage("", "", null, 9), Reply.of(200, java.util.Map.of(), endless)));
        assertThat(failed.kind()).isEqualTo(FailureKind.REJECTED);
        assertThat(failed.message()).contains("more than was asked for");
    }

    @Test
    void shouldFindAStoreThatHoldsOtherBytes() throws IOException {
        final AttemptFailed failed = RangedReadTest.failed(
                answer(put(Precondition.NONE), Reply.of(200, "ETag", "\"e\"", "x-amz-checksum-crc32c", "AAAAAQ==")));
        assertThat(failed.kind()).isEqualTo(FailureKind.CORRUPT);
        assertThat(failed.effect()).isEqualTo(Effect.UNKNOWN);
    }

    @Test
    void shouldNotKnowWhatALostAnswerWouldHaveSaid() throws IOException {
        for (final End end : new End[] {End.CLOSE, End.RESET}) {
            final AttemptFailed failed =
                    RangedReadTest.failed(answer(put(Precondition.NONE), new Reply(new byte[0], end)));
            assertThat(failed.kind()).isEqualTo(FailureKind.UNREACHABLE);
            assertThat(failed.effect()).isEqualTo(Effect.UNKNOWN);
            assertThat(failed.retry()).isEqualTo(Retry.LATER);
            assertThat(failed.message()).contains("closed the connection");
        }
    }

    @Test
    void shouldUnderstandARefusalThatCutsTheBodyOff() throws Exception {
        final byte[] refusal = "HTTP/1.1 412 Told\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        try (ServerSocket listener = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            final Thread server = Thread.ofVirtual().start(() -> {
                try (var socket = listener.accept()) {
                    socket.getInputStream().readNBytes(64);
                    socket.getOutputStream().write(refusal);
                    socket.shutdownOutput();
                    socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
                } catch (final IOException _) {
                    // Cut off: what this is about.
                }
            });
            try (AttemptRunner runner = new AttemptRunner(local(listener.getLocalPort(), "http"))) {
                final AttemptRequest large =
                        new PutObject("k", List.of(arena.allocate(32 << 20)), 0, Precondition.ABSENT, WriteStamp.NONE);
                assertThat(runner.run(large)).isInstanceOf(ConditionFailed.class);
            }
            server.join();
        }
    }

    @Test
    void shouldKnowThatAHalfSentBodyHadNoEffect() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            final Thread server = Thread.ofVirtual().start(() -> {
                try (var socket = listener.accept()) {
                    socket.getInputStream().readNBytes(100_000);
                    socket.setSoLinger(true, 0);
                } catch (final IOException e) {
                    throw new AssertionError(e);
                }
            });
            try (AttemptRunner runner = new AttemptRunner(local(listener.getLocalPort(), "http"))) {
                final AttemptFailed failed = RangedReadTest.failed(runner.run(
                        new PutObject("k", List.of(arena.allocate(64 << 20)), 0, Precondition.NONE, WriteStamp.NONE)));
                assertThat(failed.kind()).isEqualTo(FailureKind.UNREACHABLE);
                assertThat(failed.effect()).isEqualTo(Effect.NONE);
            }
            server.join();
        }
    }

    @Test
    void shouldSayWhatToDoWhenNothingListens() throws IOException {
        final int port;
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = listener.getLocalPort();
        }
        final AttemptFailed failed = unreachable(local(port, "http"));
        assertThat(failed.message()).contains("nothing listens at http://127.0.0.1:" + port);
        assertThat(failed.retry()).isEqualTo(Retry.LATER);
    }

    @Test
    void shouldSayWhatToDoWhenTheNameIsUnknown() {
        final AttemptFailed failed = unreachable(CrtConfig.ofBucket("box")
                .endpoint(URI.create("http://no-such-host.invalid"))
                .credentials(CrtCredentials.ANONYMOUS)
                .proxy(CrtProxy.NONE)
                .build());
        assertThat(failed.message()).contains("no address is known for no-such-host.invalid");
    }

    @Test
    void shouldSayWhatToDoWithoutCredentials(@TempDir final Path directory) throws IOException {
        final Path empty = Files.createFile(directory.resolve("none"));
        final Path hollow = Files.writeString(directory.resolve("hollow"), "[absent]\nregion=eu-1\n");
        try (WireServer server = WireServer.start(_ -> Reply.of(200));
                AttemptRunner runner = AttemptRunner.on(
                        server, config -> config.credentials(new CrtCredentials.Profile("absent", empty, hollow)))) {
            final AttemptFailed failed = RangedReadTest.failed(runner.run(put(Precondition.NONE)));
            assertThat(failed.kind()).isEqualTo(FailureKind.DENIED);
            assertThat(failed.effect()).isEqualTo(Effect.NONE);
            assertThat(failed.message()).contains("profile absent").contains("AWS_ACCESS_KEY_ID");
            assertThat(server.seen()).isEmpty();
        }
    }

    @Test
    void shouldNotOpenWithSettingsThatCannotBeUsed(@TempDir final Path directory) throws IOException {
        final Path empty = Files.createFile(directory.resolve("none"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CrtBackend.open(
                        CrtConfig.ofBucket("box")
                                .credentials(new CrtCredentials.Profile("absent", empty, empty))
                                .build(),
                        SystemClock.INSTANCE))
                .withMessageContaining("profile absent");
        for (final Path ca : new Path[] {empty, directory.resolve("missing")}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CrtBackend.open(
                            CrtConfig.ofBucket("box")
                                    .credentials(CrtCredentials.ANONYMOUS)
                                    .caFile(ca)
                                    .build(),
                            SystemClock.INSTANCE))
                    .withMessageContaining(ca.toString());
        }
    }

    @Test
    void shouldTakeCredentialsFromAProfile(@TempDir final Path directory) throws IOException {
        final Path config = Files.createFile(directory.resolve("config"));
        final Path credentials = Files.writeString(
                directory.resolve("credentials"),
                "[lake]\naws_access_key_id=AKLAKE\naws_secret_access_key=hush\naws_session_token=tok\n");
        try (WireServer server = WireServer.start(_ -> Reply.of(200, "ETag", "\"e\""));
                AttemptRunner runner = AttemptRunner.on(
                        server, each -> each.credentials(new CrtCredentials.Profile("lake", config, credentials)))) {
            assertThat(runner.run(put(Precondition.NONE))).isInstanceOf(ObjectWritten.class);
            assertThat(server.only().header("Authorization")).contains("Credential=AKLAKE/");
            assertThat(server.only().header("x-amz-security-token")).isEqualTo("tok");
            SignatureCheck.requireSigned(server.only(), "hush", "us-east-1");
        }
    }

    @Test
    void shouldShowNoSecret() {
        final CrtConfig config = CrtConfig.ofBucket("box")
                .credentials(new CrtCredentials.Fixed("AK", "s3cr3t", "t0k3n"))
                .proxy(new CrtProxy.At("proxy", 8080, "me", "pa55"))
                .build();
        try (AttemptRunner runner = new AttemptRunner(config)) {
            assertThat(config + runner.backend().describe())
                    .contains("AK")
                    .contains("https://box.s3.us-east-1.amazonaws.com")
                    .doesNotContain("s3cr3t")
                    .doesNotContain("t0k3n")
                    .doesNotContain("pa55");
        }
    }

    static CrtConfig local(final int port, final String scheme) {
        return CrtConfig.ofBucket("box")
                .endpoint(URI.create(scheme + "://127.0.0.1:" + port))
                .credentials(CrtCredentials.ANONYMOUS)
                .proxy(CrtProxy.NONE)
                .eventLoopThreads(1)
                .build();
    }

    private static AttemptFailed unreachable(final CrtConfig config) {
        try (AttemptRunner runner = new AttemptRunner(config)) {
            final AttemptFailed failed = RangedReadTest.failed(runner.run(put(Precondition.NONE)));
            assertThat(failed.kind()).isEqualTo(FailureKind.UNREACHABLE);
            assertThat(failed.effect()).isEqualTo(Effect.NONE);
            return failed;
        }
    }

    private static AttemptResult answer(final AttemptRequest request, final int status, final String code)
            throws IOException {
        final String[] ids = {"x-amz-request-id", "REQ1", "x-amz-id-2", "HOST2"};
        return answer(
                request,
                code.isEmpty() || request instanceof HeadObject
                        ? Reply.of(status, ids)
                        : Reply.xml(status, "<Error><Code>" + code + "</Code><Message>why</Message></Error>", ids));
    }

    private static AttemptResult answer(final AttemptRequest request, final Reply reply) throws IOException {
        try (WireServer server = WireServer.start(_ -> reply);
                AttemptRunner runner = AttemptRunner.on(server)) {
            return runner.run(request);
        }
    }

    private static AttemptRequest put(final Precondition precondition) {
        return new PutObject("k", List.of(arena.allocate(5)), 0, precondition, WriteStamp.NONE);
    }

    private static AttemptRequest complete(final Precondition precondition) {
        return new CompleteUpload("k", "id", PARTS, precondition, WriteStamp.NONE);
    }
}
