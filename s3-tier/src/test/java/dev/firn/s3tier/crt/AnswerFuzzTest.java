package dev.firn.s3tier.crt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.AbortUpload;
import dev.firn.s3tier.backend.AttemptRequest.CompleteUpload;
import dev.firn.s3tier.backend.AttemptRequest.CreateUpload;
import dev.firn.s3tier.backend.AttemptRequest.DeleteBatch;
import dev.firn.s3tier.backend.AttemptRequest.DeleteObject;
import dev.firn.s3tier.backend.AttemptRequest.GetRange;
import dev.firn.s3tier.backend.AttemptRequest.HeadObject;
import dev.firn.s3tier.backend.AttemptRequest.ListPage;
import dev.firn.s3tier.backend.AttemptRequest.ListUploads;
import dev.firn.s3tier.backend.AttemptRequest.Part;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptRequest.PutObject;
import dev.firn.s3tier.backend.AttemptRequest.UploadPart;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.RangeRead;
import dev.firn.s3tier.crt.WireServer.End;
import dev.firn.s3tier.crt.WireServer.Reply;
import dev.firn.s3tier.store.WriteStamp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.crt.http.HttpHeader;

/** Answers that were never meant to be: whatever a store sends, an attempt has a result, and no byte lands beside its buffer. */
class AnswerFuzzTest {
    private static final int DECODED = 6_000;
    private static final int SENT = 400;
    private static final int BUFFER_BYTES = 300;
    private static final byte GUARD = 0x33;

    private static final String[] XML = {
        "<ListBucketResult><IsTruncated>true</IsTruncated><EncodingType>url</EncodingType><Contents><Key>p/a%20b</Key>"
                + "<LastModified>2026-11-21T15:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>7</Size></Contents>"
                + "<CommonPrefixes><Prefix>p/x/</Prefix></CommonPrefixes><NextContinuationToken>t</NextContinuationToken>"
                + "</ListBucketResult>",
        "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>p/k</NextKeyMarker><NextUploadIdMarker>i"
                + "</NextUploadIdMarker><Upload><Key>p/k</Key><UploadId>i</UploadId><Initiated>2026-11-21T15:00:00Z</Initiated>"
                + "</Upload></ListMultipartUploadsResult>",
        "<CompleteMultipartUploadResult><ETag>&quot;e-2&quot;</ETag></CompleteMultipartUploadResult>",
        "<InitiateMultipartUploadResult><UploadId>id</UploadId></InitiateMultipartUploadResult>",
        "<DeleteResult><Error><Key>p/k</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>",
        "<Error><Code>InternalError</Code><Message>m</Message><Region>eu-1</Region></Error>",
        "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;&#0;&#xD800;]]></a>",
        ""
    };

    private static final String[][] HEADERS = {
        {"ETag", "\"e\"", "e", "", "\"", "W/\"x\""},
        {"Content-Length", "0", "100", "-5", "99999999999999999999", "abc", "300"},
        {
            "Content-Range",
            "bytes 0-99/100",
            "bytes 5-104/1000",
            "bytes */7",
            "bytes 9-3/2",
            "bytes 0-9223372036854775807/9223372036854775807",
            "octets",
            ""
        },
        {"Last-Modified", "Sat, 21 Nov 2026 15:00:00 GMT", "yesterday", "Sat, 99 Nov 2026 15:00:00 GMT"},
        {"Retry-After", "3", "-1", "999999999999", "soon"},
        {"Date", "Sat, 21 Nov 2026 15:00:00 GMT", "x"},
        {"x-amz-meta-firn-writes", "0123456789abcdef0123456789abcdef", "-", "zz", ",,,,"},
        {"x-amz-checksum-crc32c", "AAAAAA==", "x-2", ""},
        {"x-amz-checksum-crc64nvme", "AAAAAAAAAAA=", "-"},
        {"x-amz-request-id", "R"},
        {"x-amz-bucket-region", "eu-1"},
        {"Location", "http://elsewhere"}
    };

    private static final int[] STATUSES = {
        200, 200, 200, 204, 206, 206, 100, 301, 304, 307, 400, 401, 403, 404, 409, 412, 416, 429, 500, 501, 503, 507,
        599, 999
    };

    @Test
    void shouldDecodeWhateverComes() {
        final long seed = new SplittableRandom().nextLong();
        final SplittableRandom random = new SplittableRandom(seed);
        final CrtConfig config = CrtConfig.ofBucket("box").prefix("p/").build();
        final Addressing addressing = new Addressing(config);
        final AnswerDecoder decoder =
                new AnswerDecoder(addressing, new ErrorDecoder(config, addressing, SystemClock.INSTANCE));
        final HttpHeader checksum = new HttpHeader("x-amz-checksum-crc32c", "AAAAAA==");
        int understood = 0;
        try (Arena arena = Arena.ofShared()) {
            final List<AttemptRequest> requests = requests(arena.allocate(BUFFER_BYTES));
            for (int i = 0; i < DECODED; i++) {
                final AttemptRequest request = requests.get(random.nextInt(requests.size()));
                final AnswerHead head = AnswerHead.of(
                        STATUSES[random.nextInt(STATUSES.length)],
                        headers(random).toArray(HttpHeader[]::new));
                final boolean ranged = request instanceof GetRange && head.status() / 100 == 2;
                final Answer answer = new Answer(
                        head, ranged ? new byte[0] : text(random), ranged ? random.nextInt(BUFFER_BYTES + 1) : 0);
                final AttemptResult result = decoder.decode(request, checksum, answer);
                assertThat(result)
                        .as("seed " + seed + ", " + request + ", " + answer)
                        .isNotNull();
                if (result instanceof final AttemptFailed failed) {
                    assertThat(failed.message()).isNotEmpty();
                    if (!RequestKinds.isWrite(request)) {
                        assertThat(failed.effect()).isEqualTo(Effect.NONE);
                    }
                } else {
                    understood++;
                }
            }
        }
        assertThat(understood).as("seed " + seed).isBetween(DECODED / 50, DECODED / 2);
    }

    @Test
    void shouldEndEveryAttemptWhateverIsSent() throws Exception {
        final long seed = new SplittableRandom().nextLong();
        final SplittableRandom random = new SplittableRandom(seed);
        final SplittableRandom replies = random.split();
        try (WireServer server = WireServer.start(_ -> reply(replies));
                AttemptRunner runner = AttemptRunner.on(server, config -> config.prefix("p/"));
                Arena arena = Arena.ofShared()) {
            final MemorySegment guarded = arena.allocate(3L * BUFFER_BYTES).fill(GUARD);
            final MemorySegment buffer = guarded.asSlice(BUFFER_BYTES, BUFFER_BYTES);
            final List<AttemptRequest> requests = requests(buffer);
            for (int i = 0; i < SENT; i++) {
                final AttemptRequest request = requests.get(random.nextInt(requests.size()));
                final AttemptResult result = runner.run(request);
                if (result instanceof final RangeRead read) {
                    assertThat(read.lengthBytes()).as("seed " + seed).isBetween(0L, (long) BUFFER_BYTES);
                }
            }
            for (int i = 0; i < BUFFER_BYTES; i++) {
                assertThat(guarded.get(ValueLayout.JAVA_BYTE, i))
                        .as("seed " + seed)
                        .isEqualTo(GUARD);
                assertThat(guarded.get(ValueLayout.JAVA_BYTE, 2L * BUFFER_BYTES + i))
                        .as("seed " + seed)
                        .isEqualTo(GUARD);
            }
        }
    }

    private static synchronized Reply reply(final SplittableRandom random) {
        final byte[] body = random.nextBoolean() ? text(random) : new byte[random.nextInt(2 * BUFFER_BYTES)];
        final StringBuilder head = new StringBuilder("HTTP/1.1 ")
                .append(STATUSES[random.nextInt(STATUSES.length)])
                .append(" x\r\n");
        for (final HttpHeader header : headers(random)) {
            if (!header.getName().equals("Content-Length") || random.nextInt(8) == 0) {
                head.append(header.getName())
                        .append(": ")
                        .append(header.getValue())
                        .append("\r\n");
            }
        }
        if (random.nextInt(10) > 0) {
            head.append("Content-Length: ")
                    .append(body.length + random.nextInt(3) * random.nextInt(5))
                    .append("\r\n");
        }
        final byte[] start = head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
        final byte[] raw = new byte[start.length + body.length];
        System.arraycopy(start, 0, raw, 0, start.length);
        System.arraycopy(body, 0, raw, start.length, body.length);
        if (random.nextInt(5) == 0) {
            raw[random.nextInt(raw.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return new Reply(raw, random.nextBoolean() ? End.CLOSE : End.RESET);
    }

    private static List<HttpHeader> headers(final SplittableRandom random) {
        final List<HttpHeader> headers = new ArrayList<>();
        for (final String[] choices : HEADERS) {
            if (random.nextInt(3) > 0) {
                headers.add(new HttpHeader(choices[0], choices[1 + random.nextInt(choices.length - 1)]));
            }
        }
        return headers;
    }

    /** Right, cut off, or with bytes changed. */
    private static byte[] text(final SplittableRandom random) {
        final byte[] xml = XML[random.nextInt(XML.length)].getBytes(StandardCharsets.UTF_8);
        final byte[] text = random.nextInt(4) == 0 ? java.util.Arrays.copyOf(xml, random.nextInt(xml.length + 1)) : xml;
        for (int changes = random.nextInt(3) * random.nextInt(3); changes > 0 && text.length > 0; changes--) {
            text[random.nextInt(text.length)] = (byte) random.nextInt(256);
        }
        return text;
    }

    private static List<AttemptRequest> requests(final MemorySegment buffer) {
        return List.of(
                new GetRange("k", 0, buffer, null),
                new GetRange("k", 5, buffer, "\"e\""),
                new HeadObject("k"),
                new ListPage("", "/", null, 9),
                new ListUploads("", null, 9),
                new PutObject("k", List.of(buffer), 0, Precondition.ABSENT, WriteStamp.NONE),
                new UploadPart("k", "id", 1, 0, buffer, 0),
                new CreateUpload("k", WriteStamp.NONE),
                new CompleteUpload(
                        "k",
                        "id",
                        List.of(new Part(1, "\"p\"", 5, 0)),
                        new Precondition.Matches("\"e\""),
                        WriteStamp.NONE),
                new AbortUpload("k", "id"),
                new DeleteObject("k"),
                new DeleteBatch(List.of("k")));
    }
}
