package dev.firn.s3tier.s3server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What Ceph's gateway of Debian 12 (16.2) does, seen without a client library: the ground on which its contract test stands, and
 * what {@code firn store check} has to find out.
 */
@Tag("long")
final class CephServerTest {
    private static final String BUCKET = "/ceph-server-test";
    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);
    private static final String MD5_OF_HELLO = "5d41402abc4b2a76b9719d911017c592";

    private static CephServer ceph;
    private static RawS3Client s3;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(
                S3Server.cephIsMissing().isEmpty(),
                () -> S3Server.cephIsMissing().orElseThrow());
        ceph = S3Server.startCeph();
        ceph.createBucket(BUCKET.substring(1));
        s3 = new RawS3Client(ceph);
    }

    @AfterAll
    static void stop() {
        if (ceph != null) {
            s3.close();
            ceph.close();
            assertThat(ceph.logs()).doesNotExist();
        }
    }

    @Test
    void shouldKeepBytesMetadataAndOddKeys() throws IOException {
        assertThat(s3.put(BUCKET + "/a%2Bb//c%20d", HELLO, "x-amz-meta-firn-writes", "abc")
                        .statusCode())
                .isEqualTo(200);
        assertThat(s3.head(BUCKET + "/a%2Bb//c%20d").headers().firstValue("x-amz-meta-firn-writes"))
                .contains("abc");
        assertThat(s3.get(BUCKET + "/a%2Bb//c%20d", "Range", "bytes=1-2").body())
                .containsExactly('e', 'l');
        assertThat(text(s3.get(BUCKET + "?encoding-type=url&list-type=2"))).contains("<Key>a%2Bb%2F%2Fc%20d</Key>");
    }

    @Test
    void shouldRefuseARequestWithAWrongSignature() throws IOException {
        try (FaultProxy proxy = FaultProxy.before(ceph.endpoint(), 1);
                RawS3Client through = new RawS3Client(proxy.endpoint(), ceph)) {
            assertThat(through.put(BUCKET + "/signed", HELLO, "If-None-Match", "*")
                            .statusCode())
                    .isEqualTo(200);
            proxy.give(ServerTrait.WITHOUT_CONDITIONAL_WRITES);
            assertThat(through.put(BUCKET + "/signed", HELLO, "If-None-Match", "*")
                            .statusCode())
                    .isEqualTo(403);
        }
    }

    @Test
    void shouldCreateConditionally() throws Exception {
        for (int round = 0; round < 4; round++) {
            final String target = BUCKET + "/created-" + round;
            assertThat(Racers.statuses(32, writer -> s3.put(target, new byte[] {(byte) writer}, "If-None-Match", "*")))
                    .filteredOn(status -> status == 200)
                    .hasSize(1);
        }
    }

    /** It takes the quotes of {@code If-Match} for a part of the ETag; RFC 9110 and S3 want them. */
    @Test
    void shouldReplaceConditionallyOnlyWhenTheEtagHasNoQuotes() throws Exception {
        final String target = BUCKET + "/replaced";
        s3.put(target, HELLO);
        assertThat(s3.put(target, HELLO, "If-Match", "\"" + MD5_OF_HELLO + "\"").statusCode())
                .isEqualTo(412);
        assertThat(s3.put(target, HELLO, "If-Match", MD5_OF_HELLO).statusCode()).isEqualTo(200);
        assertThat(s3.put(BUCKET + "/absent", HELLO, "If-Match", MD5_OF_HELLO).statusCode())
                .isEqualTo(412);
        assertThat(Racers.statuses(32, writer -> s3.put(target, new byte[] {(byte) writer}, "If-Match", MD5_OF_HELLO)))
                .filteredOn(status -> status == 200)
                .hasSize(1);
    }

    /** The condition is ignored: an object that is there is replaced. */
    @Test
    void shouldIgnoreTheConditionOfACompletedUpload() throws IOException {
        final String target = BUCKET + "/uploaded";
        s3.put(target, HELLO);
        final Matcher id = Pattern.compile("<UploadId>(.*?)</UploadId>")
                .matcher(text(s3.send("POST", target + "?uploads", new byte[0])));
        assertThat(id.find()).isTrue();
        final String upload = "uploadId=" + id.group(1);
        final String etag = s3.put(target + "?partNumber=1&" + upload, "parts".getBytes(StandardCharsets.UTF_8))
                .headers()
                .firstValue("ETag")
                .orElseThrow();
        final String parts = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + etag
                + "</ETag></Part></CompleteMultipartUpload>";
        final HttpResponse<byte[]> completed =
                s3.send("POST", target + "?" + upload, parts.getBytes(StandardCharsets.UTF_8), "If-None-Match", "*");
        assertThat(completed.statusCode()).as(text(completed)).isEqualTo(200);
        assertThat(text(s3.get(target))).isEqualTo("parts");
    }

    @Test
    void shouldCheckMd5ButIgnoreCrc32c() throws IOException {
        assertThat(s3.put(BUCKET + "/md5", HELLO, "Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==")
                        .statusCode())
                .isEqualTo(400);
        assertThat(s3.put(BUCKET + "/crc", HELLO, "x-amz-checksum-crc32c", "AAAAAA==")
                        .statusCode())
                .isEqualTo(200);
    }

    private static String text(final HttpResponse<byte[]> answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }
}
