package dev.firn.s3tier.crt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.AbortUpload;
import dev.firn.s3tier.backend.AttemptRequest.CompleteUpload;
import dev.firn.s3tier.backend.AttemptRequest.CreateUpload;
import dev.firn.s3tier.backend.AttemptRequest.DeleteBatch;
import dev.firn.s3tier.backend.AttemptRequest.DeleteObject;
import dev.firn.s3tier.backend.AttemptRequest.HeadObject;
import dev.firn.s3tier.backend.AttemptRequest.ListPage;
import dev.firn.s3tier.backend.AttemptRequest.ListUploads;
import dev.firn.s3tier.backend.AttemptRequest.Part;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptRequest.PutObject;
import dev.firn.s3tier.backend.AttemptRequest.UploadPart;
import dev.firn.s3tier.backend.AttemptResult.ObjectFound;
import dev.firn.s3tier.backend.AttemptResult.ObjectWritten;
import dev.firn.s3tier.backend.AttemptResult.ObjectsDeleted;
import dev.firn.s3tier.backend.AttemptResult.PageListed;
import dev.firn.s3tier.backend.AttemptResult.PartWritten;
import dev.firn.s3tier.backend.AttemptResult.UploadAborted;
import dev.firn.s3tier.backend.AttemptResult.UploadCreated;
import dev.firn.s3tier.backend.AttemptResult.UploadsListed;
import dev.firn.s3tier.crt.WireServer.Reply;
import dev.firn.s3tier.crt.WireServer.Seen;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.WriteStamp;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What goes over the wire for each kind of request, and what its answer is understood as. */
class WireRequestTest {
    private static final String SECRET = "wJalrXUtnFEMI/K7MDENG";
    private static final String STAMP = "00112233445566778899aabbccddeeff";
    private static final String[] ODD_KEYS = {
        "plain",
        "a b",
        "a+b",
        "a//b",
        "/lead",
        "trail/",
        "100%",
        "q?x=1&y",
        "h#h",
        "ümläut/雪/🧊",
        "~tilde-._*'()!$,;:@=[]{}|^`<>\"\\"
    };

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
    void shouldSendAPutWithConditionStampAndChecksum() throws IOException {
        try (WireServer server = WireServer.start(_ -> Reply.of(200, "ETag", "\"e\""));
                AttemptRunner runner = AttemptRunner.on(server)) {
            final List<MemorySegment> body = List.of(offHeap("hello "), offHeap(""), offHeap("world"));
            assertThat(runner.run(new PutObject(
                            "k",
                            body,
                            Crc32c.compute(bytes("hello world"), 0, 11),
                            Precondition.ABSENT,
                            WriteStamp.created(STAMP))))
                    .isEqualTo(new ObjectWritten("\"e\""));
            final Seen seen = server.only();
            assertThat(seen.method() + " " + seen.target()).isEqualTo("PUT /box/k");
            assertThat(seen.text()).isEqualTo("hello world");
            assertThat(seen.header("Content-Length")).isEqualTo("11");
            assertThat(seen.header("If-None-Match")).isEqualTo("*");
            assertThat(seen.header("x-amz-meta-firn-writes")).isEqualTo(STAMP);
            assertThat(seen.header("x-amz-checksum-crc32c")).isEqualTo("yZRlqg==");
            assertThat(seen.header("x-amz-content-sha256")).isEqualTo("UNSIGNED-PAYLOAD");
            assertThat(seen.header("Host")).isEqualTo("127.0.0.1:" + server.port());
            SignatureCheck.requireSigned(seen, SECRET, "us-east-1");
        }
    }

    @Test
    void shouldSendAnEmptyPutAndAConditionalReplace() throws IOException {
        try (WireServer server = WireServer.start(_ -> Reply.of(200, "ETag", "e"));
                AttemptRunner runner = AttemptRunner.on(server)) {
            assertThat(runner.run(new PutObject(
                            "k", List.of(), 0, new Precondition.Matches("\"old\""), WriteStamp.overwriting(STAMP))))
                    .isEqualTo(new ObjectWritten("\"e\""));
            final Seen seen = server.only();
            assertThat(seen.header("Content-Length")).isEqualTo("0");
            assertThat(seen.header("If-Match")).isEqualTo("\"old\"");
            assertThat(seen.header("x-amz-meta-firn-writes")).isEqualTo(STAMP + ",-");
            assertThat(seen.header("x-amz-checksum-crc32c")).isEqualTo("AAAAAA==");
            SignatureCheck.requireSigned(seen, SECRET, "us-east-1");
        }
    }

    @Test
    void shouldLetTheStoreCheckByTheAlgorithmChosen() throws IOException {
        final Map<BodyChecksum, Map<String, String>> expected = Map.of(
                // "123456789": the check values of the catalogue of CRCs, and the digest of RFC 1321's kind.
                BodyChecksum.CRC32C, Map.of("x-amz-checksum-crc32c", "4waSgw=="),
                BodyChecksum.CRC64NVME, Map.of("x-amz-checksum-crc64nvme", "rosUhgp5mIg="),
                BodyChecksum.MD5, Map.of("Content-MD5", "JfnnlDI7RTiF9RgfG2JNCw=="),
                BodyChecksum.NONE, Map.of());
        for (final BodyChecksum checksum : BodyChecksum.values()) {
            try (WireServer server = WireServer.start(_ -> Reply.of(200, "ETag", "\"e\""));
                    AttemptRunner runner = AttemptRunner.on(server, config -> config.checksum(checksum))) {
                runner.run(put("k", "123456789"));
                for (final String header :
                        new String[] {"x-amz-checksum-crc32c", "x-amz-checksum-crc64nvme", "Content-MD5"}) {
                    assertThat(server.only().header(header))
                            .as(checksum + " " + header)
                            .isEqualTo(expected.get(checksum).get(header));
                }
            }
        }
    }

    @Test
    void shouldEncodeAndSignOddKeys() throws IOException {
        try (WireServer server = WireServer.start(_ -> Reply.of(200, "ETag", "\"e\""));
                AttemptRunner runner =
                        AttemptRunner.on(server, config -> config.prefix("p x/").region("eu-9"))) {
            for (final String key : ODD_KEYS) {
                runner.run(put(key, "x"));
                final Seen seen = server.seen().getLast();
                SignatureCheck.requireSigned(seen, SECRET, "eu-9");
                assertThat(new String(percentDecoded(seen.target()), StandardCharsets.UTF_8))
                        .isEqualTo("/box/p x/" + key);
                assertThat(seen.target()).matches("[A-Za-z0-9._~/%-]+");
            }
        }
    }

    @Test
    void shouldSpeakVirtualHostStyleThroughAProxy() throws IOException {
        try (WireServer proxy = WireServer.start(_ -> Reply.of(200, "ETag", "\"e\""))) {
            for (final String key : ODD_KEYS) {
                try (AttemptRunner runner = AttemptRunner.on(proxy, virtualHost(proxy))) {
                    assertThat(runner.run(put(key, "x"))).isEqualTo(new ObjectWritten("\"e\""));
                }
                final Seen seen = proxy.seen().getLast();
                assertThat(seen.target()).startsWith("http://box.s3.test:8080/");
                assertThat(seen.header("Host")).isEqualTo("box.s3.test:8080");
                assertThat(seen.header("Proxy-Authorization"))
                        .isEqualTo("Basic " + Base64.getEncoder().encodeToString(bytes("me:secret")));
                final String origin = seen.target().substring("http://box.s3.test:8080".length());
                SignatureCheck.requireSigned(
                        new Seen(seen.method(), origin, seen.headers(), seen.body()), SECRET, "us-east-1");
            }
        }
    }

    private static UnaryOperator<CrtConfig.Builder> virtualHost(final WireServer proxy) {
        return config -> config.endpoint(URI.create("http://s3.test:8080"))
                .style(AddressingStyle.VIRTUAL_HOST)
                .proxy(new CrtProxy.At("127.0.0.1", proxy.port(), "me", "secret"));
    }

    @Test
    void shouldSendSessionTokensAndNothingWhenAnonymous() throws IOException {
        try (WireServer server = WireServer.start(_ -> Reply.of(200, "ETag", "\"e\""))) {
            try (AttemptRunner runner = AttemptRunner.on(
                    server, config -> config.credentials(new CrtCredentials.Fixed("AK", SECRET, "token+/=")))) {
                runner.run(put("k", "x"));
            }
            final Seen signed = server.seen().getFirst();
            assertThat(signed.header("x-amz-security-token")).isEqualTo("token+/=");
            assertThat(signed.header("Authorization"))
                    .contains("x-amz-security-token")
                    .contains("AK/");
            SignatureCheck.requireSigned(signed, SECRET, "us-east-1");
            try (AttemptRunner runner =
                    AttemptRunner.on(server, config -> config.credentials(CrtCredentials.ANONYMOUS))) {
                runner.run(put("k", "x"));
            }
            assertThat(server.seen().getLast().headers()).doesNotContainKeys("authorization", "x-amz-date");
        }
    }

    @Test
    void shouldFindObjects() throws IOException {
        try (WireServer server = WireServer.start(_ -> Reply.withLength(
                        200,
                        Map.of(
                                "ETag", "\"e\"",
                                "Last-Modified", "Sat, 21 Nov 2026 15:00:00 GMT",
                                "x-amz-meta-firn-writes", STAMP),
                        new byte[0],
                        1L << 41));
                AttemptRunner runner = AttemptRunner.on(server)) {
            assertThat(runner.run(new HeadObject("k")))
                    .isEqualTo(new ObjectFound(1L << 41, 1_795_273_200_000L, "\"e\"", WriteStamp.created(STAMP)));
            assertThat(server.only().method()).isEqualTo("HEAD");
        }
    }

    @Test
    void shouldListAPageAndGoOn() throws IOException {
        final String page = """
                <?xml version="1.0" encoding="UTF-8"?>
                <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>%s</IsTruncated>
                <EncodingType>url</EncodingType><Prefix>base/p%%20q/</Prefix>
                <Contents><Key>base/p%%20q/a%%2Bb+c%%C3%%BC</Key><LastModified>2026-11-21T15:00:00.000Z</LastModified>
                <ETag>&quot;e1&quot;</ETag><Size>7</Size><StorageClass>STANDARD</StorageClass></Contents>
                <Contents><Key>base/p%%20q//d</Key><LastModified>2026-11-21T15:00:00Z</LastModified>
                <ETag>e2</ETag><Size>0</Size></Contents>
                <CommonPrefixes><Prefix>base/p%%20q/x/</Prefix></CommonPrefixes>%s</ListBucketResult>""";
        try (WireServer server = WireServer.start(request -> Reply.xml(
                        200,
                        request.target().contains("continuation-token")
                                ? page.formatted("false", "")
                                : page.formatted("true", "<NextContinuationToken>1/x+=</NextContinuationToken>")));
                AttemptRunner runner = AttemptRunner.on(server, config -> config.prefix("base/"))) {
            final PageListed first = (PageListed) runner.run(new ListPage("p q/", "/", null, 17));
            assertThat(first.page().objects()).hasSize(2);
            assertThat(first.page().objects().getFirst().key()).isEqualTo("p q/a+b cü");
            assertThat(first.page().objects().getFirst().etag()).isEqualTo("\"e1\"");
            assertThat(first.page().objects().getFirst().lastModifiedEpochMs()).isEqualTo(1_795_273_200_000L);
            assertThat(first.page().objects().getLast().etag()).isEqualTo("\"e2\"");
            assertThat(first.page().commonPrefixes()).containsExactly("p q/x/");
            assertThat(first.page().nextToken()).isEqualTo("1/x+=");
            final PageListed last = (PageListed)
                    runner.run(new ListPage("p q/", "/", first.page().nextToken(), 17));
            assertThat(last.page().nextToken()).isNull();
            assertThat(server.seen().getLast().target())
                    .isEqualTo("/box?list-type=2&encoding-type=url&max-keys=17&prefix=base%2Fp%20q%2F&delimiter=%2F"
                            + "&continuation-token=1%2Fx%2B%3D");
            server.seen().forEach(seen -> SignatureCheck.requireSigned(seen, SECRET, "us-east-1"));
        }
    }

    @Test
    void shouldUploadInParts() throws IOException {
        try (WireServer server = WireServer.start(WireRequestTest::multipart);
                AttemptRunner runner = AttemptRunner.on(server, config -> config.prefix("p/"))) {
            assertThat(runner.run(new CreateUpload("k", WriteStamp.created(STAMP))))
                    .isEqualTo(new UploadCreated("id/1+2="));
            assertThat(runner.run(new UploadPart("k", "id/1+2=", 3, 99, offHeap("123456789"), 0xE3069283)))
                    .isEqualTo(new PartWritten("\"part\""));
            assertThat(runner.run(new CompleteUpload(
                            "k",
                            "id/1+2=",
                            List.of(new Part(1, "\"a&b\"", 5, 0), new Part(3, "\"part\"", 9, 0xE3069283)),
                            Precondition.ABSENT,
                            WriteStamp.created(STAMP))))
                    .isEqualTo(new ObjectWritten("\"whole-2\""));
            assertThat(runner.run(new AbortUpload("k", "id/1+2="))).isEqualTo(new UploadAborted());
            final List<Seen> seen = server.seen();
            seen.forEach(each -> SignatureCheck.requireSigned(each, SECRET, "us-east-1"));
            assertThat(seen.get(0).target()).isEqualTo("/box/p/k?uploads");
            assertThat(seen.get(0).header("x-amz-checksum-algorithm")).isEqualTo("CRC32C");
            assertThat(seen.get(0).header("x-amz-meta-firn-writes")).isEqualTo(STAMP);
            assertThat(seen.get(1).target()).isEqualTo("/box/p/k?partNumber=3&uploadId=id%2F1%2B2%3D");
            assertThat(seen.get(1).header("x-amz-checksum-crc32c")).isEqualTo("4waSgw==");
            assertThat(seen.get(2).header("If-None-Match")).isEqualTo("*");
            assertThat(seen.get(2).header("x-amz-content-sha256"))
                    .isEqualTo(BodyChecksums.sha256Hex(seen.get(2).body()));
            assertThat(seen.get(2).text())
                    .contains("<Part><ChecksumCRC32C>AAAAAA==</ChecksumCRC32C><ETag>&quot;a&amp;b&quot;</ETag>"
                            + "<PartNumber>1</PartNumber></Part><Part><ChecksumCRC32C>4waSgw==</ChecksumCRC32C>");
            assertThat(seen.get(3).method()).isEqualTo("DELETE");
        }
    }

    private static Reply multipart(final Seen request) {
        if (request.target().endsWith("?uploads")) {
            return Reply.xml(
                    200,
                    "<InitiateMultipartUploadResult><Bucket>box</Bucket><UploadId>id/1+2=</UploadId>"
                            + "</InitiateMultipartUploadResult>");
        }
        return switch (request.method()) {
            case "PUT" -> Reply.of(200, "ETag", "\"part\"", "x-amz-checksum-crc32c", "4waSgw==");
            // S3 sends spaces while it is busy, to keep the connection.
            case "POST" ->
                Reply.xml(
                        200,
                        "<?xml version=\"1.0\"?>\n  \n <CompleteMultipartUploadResult>"
                                + "<ETag>&quot;whole-2&quot;</ETag></CompleteMultipartUploadResult>");
            default -> Reply.of(204);
        };
    }

    @Test
    void shouldListUploadsByOneToken() throws IOException {
        final String page = """
                <ListMultipartUploadsResult><EncodingType>url</EncodingType><IsTruncated>%s</IsTruncated>
                <NextKeyMarker>p/a%%20b</NextKeyMarker><NextUploadIdMarker>id.%%2F</NextUploadIdMarker>
                <Upload><Key>p/a%%20b</Key><UploadId>id.%%2F</UploadId><Initiated>2026-11-21T15:00:00.000Z</Initiated></Upload>
                </ListMultipartUploadsResult>""";
        try (WireServer server = WireServer.start(request ->
                        Reply.xml(200, page.formatted(!request.target().contains("key-marker"))));
                AttemptRunner runner = AttemptRunner.on(server, config -> config.prefix("p/"))) {
            final UploadsListed first = (UploadsListed) runner.run(new ListUploads("", null, 9));
            assertThat(first.uploads().getFirst().key()).isEqualTo("a b");
            assertThat(first.uploads().getFirst().uploadId()).isEqualTo("id.%2F");
            final UploadsListed last = (UploadsListed) runner.run(new ListUploads("", first.nextToken(), 9));
            assertThat(last.nextToken()).isNull();
            assertThat(server.seen().getLast().target())
                    .isEqualTo("/box?uploads&encoding-type=url&max-uploads=9&prefix=p%2F&key-marker=p%2Fa%20b"
                            + "&upload-id-marker=id.%252F");
            server.seen().forEach(seen -> SignatureCheck.requireSigned(seen, SECRET, "us-east-1"));
        }
    }

    @Test
    void shouldDeleteOneAndMany() throws IOException {
        final String result =
                "<DeleteResult><Error><Key>p/b&amp;&lt;</Key><Code>AccessDenied</Code><Message>no</Message>"
                        + "</Error><Error><Key>p/c</Key><Code>NoSuchKey</Code></Error></DeleteResult>";
        try (WireServer server = WireServer.start(
                        request -> request.method().equals("POST") ? Reply.xml(200, result) : Reply.of(204));
                AttemptRunner runner = AttemptRunner.on(server, config -> config.prefix("p/"))) {
            assertThat(runner.run(new DeleteObject("a"))).isEqualTo(new ObjectsDeleted(List.of()));
            assertThat(runner.run(new DeleteBatch(List.of("a", "b&<", "c"))))
                    .isEqualTo(new ObjectsDeleted(List.of(new DeleteOutcome.Refused("b&<", "AccessDenied: no"))));
            final Seen batch = server.seen().getLast();
            assertThat(batch.target()).isEqualTo("/box?delete");
            assertThat(batch.text())
                    .contains("<Object><Key>p/b&amp;&lt;</Key></Object>")
                    .contains("<Quiet>true</Quiet>");
            assertThat(batch.header("Content-MD5"))
                    .isEqualTo(BodyChecksums.md5(List.of(MemorySegment.ofArray(batch.body()))));
            SignatureCheck.requireSigned(batch, SECRET, "us-east-1");
        }
    }

    @Test
    void shouldReuseAConnection() throws IOException {
        try (WireServer server = WireServer.start(_ -> Reply.of(200, "ETag", "\"e\""));
                AttemptRunner runner = AttemptRunner.on(server)) {
            for (int i = 0; i < 50; i++) {
                runner.run(put("k", "x".repeat(i)));
            }
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void shouldCarryLargeBodiesUnchanged() throws IOException {
        final byte[] body = RangedReadTest.object(9_000_001);
        try (WireServer server = WireServer.start(_ -> Reply.of(200, "ETag", "\"e\""));
                AttemptRunner runner = AttemptRunner.on(server)) {
            final MemorySegment all = arena.allocate(body.length);
            all.copyFrom(MemorySegment.ofArray(body));
            runner.run(new PutObject(
                    "k",
                    List.of(all.asSlice(0, 1), all.asSlice(1, 5_000_000), all.asSlice(5_000_001)),
                    Crc32c.compute(all),
                    Precondition.NONE,
                    WriteStamp.NONE));
            assertThat(server.only().body()).isEqualTo(body);
            assertThat(server.only().headers()).doesNotContainKey("x-amz-meta-firn-writes");
        }
    }

    static AttemptRequest put(final String key, final String text) {
        return new PutObject(
                key,
                List.of(offHeap(text)),
                Crc32c.compute(bytes(text), 0, text.length()),
                Precondition.NONE,
                WriteStamp.NONE);
    }

    private static MemorySegment offHeap(final String text) {
        final MemorySegment segment = arena.allocate(bytes(text).length);
        return segment.copyFrom(MemorySegment.ofArray(bytes(text)));
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] percentDecoded(final String target) {
        final java.io.ByteArrayOutputStream to = new java.io.ByteArrayOutputStream();
        for (int i = 0; i < target.length(); i++) {
            if (target.charAt(i) == '%') {
                to.write(Integer.parseInt(target.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                to.write(target.charAt(i));
            }
        }
        return to.toByteArray();
    }
}
