package dev.firn.s3tier.crt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.s3tier.backend.AttemptRequest.GetRange;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.ConditionFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Missing;
import dev.firn.s3tier.backend.AttemptResult.RangeBeyondEnd;
import dev.firn.s3tier.backend.AttemptResult.RangeRead;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.crt.WireServer.End;
import dev.firn.s3tier.crt.WireServer.Reply;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.WriteStamp;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reads against a server that lies, breaks off, and tells the truth. */
class RangedReadTest {
    private static final byte GUARD = 0x5A;
    private static final int GUARD_BYTES = 4_096;
    private static final String ETAG = "\"v1\"";

    private Arena arena;

    @BeforeEach
    void open() {
        arena = Arena.ofShared();
    }

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void shouldPutBytesIntoTheBufferAndTellVersionAndLength() throws IOException {
        final String stamp = "0123456789abcdef0123456789abcdef";
        try (WireServer server =
                        WireServer.start(request -> ranged(request, object(100), "x-amz-meta-firn-writes", stamp));
                AttemptRunner runner = AttemptRunner.on(server)) {
            final Buffer buffer = new Buffer(20);
            assertThat(runner.run(new GetRange("a/b", 10, buffer.segment, null)))
                    .isEqualTo(new RangeRead(20, 100, ETAG, WriteStamp.decode(stamp)));
            buffer.requireContent(object(100), 10, 20);
            assertThat(server.only().header("Range")).isEqualTo("bytes=10-29");
            assertThat(server.only().target()).isEqualTo("/box/a/b");
        }
    }

    @Test
    void shouldReadLessOnlyAtTheEnd() throws IOException {
        try (WireServer server = WireServer.start(request -> ranged(request, object(100)));
                AttemptRunner runner = AttemptRunner.on(server)) {
            final Buffer buffer = new Buffer(64);
            assertThat(runner.run(new GetRange("k", 90, buffer.segment, null)))
                    .isEqualTo(new RangeRead(10, 100, ETAG, WriteStamp.NONE));
            buffer.requireContent(object(100), 90, 10);
            assertThat(runner.run(new GetRange("k", 100, buffer.segment, null))).isEqualTo(new RangeBeyondEnd(100));
        }
    }

    @Test
    void shouldFetchALongRangeInPiecesOfOneVersion() throws IOException {
        final byte[] object = object((int) (5 * RangedRead.PIECE_BYTES + 12_345));
        try (WireServer server = WireServer.start(request -> ranged(request, object));
                AttemptRunner runner = AttemptRunner.on(server, config -> config.eventLoopThreads(2))) {
            final Buffer buffer = new Buffer(object.length);
            assertThat(runner.run(new GetRange("k", 7, buffer.segment, null)))
                    .isEqualTo(new RangeRead(object.length - 7, object.length, ETAG, WriteStamp.NONE));
            buffer.requireContent(object, 7, object.length - 7);
            assertThat(server.seen()).hasSize(6);
            assertThat(server.seen().subList(1, 6)).allMatch(each -> ETAG.equals(each.header("If-Match")));
        }
    }

    @Test
    void shouldNotMixVersionsWhenALongObjectIsReplacedMeanwhile() throws IOException {
        final byte[] object = object((int) (4 * RangedRead.PIECE_BYTES));
        try (WireServer server = WireServer.start(request ->
                        request.header("Range").startsWith("bytes=0-") ? ranged(request, object) : Reply.of(412));
                AttemptRunner runner = AttemptRunner.on(server)) {
            final Buffer buffer = new Buffer(object.length);
            final AttemptFailed failed = failed(runner.run(new GetRange("k", 0, buffer.segment, null)));
            assertThat(failed.retry()).isEqualTo(Retry.LATER);
            assertThat(failed.message()).contains("replaced while it was read");
            assertThat(runner.run(new GetRange("k", 0, buffer.segment, ETAG))).isInstanceOf(ConditionFailed.class);
        }
    }

    @Test
    void shouldRefuseAStoreThatIgnoresTheRange() throws IOException {
        final byte[] object = object(1 << 20);
        try (WireServer server = WireServer.start(_ -> Reply.of(200, Map.of("ETag", ETAG), object));
                AttemptRunner runner = AttemptRunner.on(server)) {
            final Buffer buffer = new Buffer(1_000);
            for (final long offset : new long[] {0, 5}) {
                final AttemptFailed failed = failed(runner.run(new GetRange("k", offset, buffer.segment, null)));
                assertThat(failed.kind()).isEqualTo(FailureKind.REJECTED);
                assertThat(failed.message())
                        .contains("ignores the Range header")
                        .contains("1048576 bytes");
            }
            buffer.requireUntouched(0);
        }
    }

    @Test
    void shouldAcceptAWholeObjectThatFits() throws IOException {
        try (WireServer server = WireServer.start(_ -> Reply.of(200, Map.of("ETag", ETAG), object(70)));
                AttemptRunner runner = AttemptRunner.on(server)) {
            final Buffer buffer = new Buffer(100);
            assertThat(runner.run(new GetRange("k", 0, buffer.segment, null)))
                    .isEqualTo(new RangeRead(70, 70, ETAG, WriteStamp.NONE));
            buffer.requireContent(object(70), 0, 70);
        }
    }

    @Test
    void shouldNotOverflowWhenABodyOfUnknownLengthGoesOn() throws IOException {
        final StringBuilder endless =
                new StringBuilder("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 200; i++) {
            endless.append("400\r\n").append("x".repeat(1_024)).append("\r\n");
        }
        try (WireServer server = WireServer.start(_ ->
                        new Reply(endless.toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII), End.KEEP));
                AttemptRunner runner = AttemptRunner.on(server)) {
            final Buffer buffer = new Buffer(50_000);
            final AttemptFailed failed = failed(runner.run(new GetRange("k", 0, buffer.segment, null)));
            assertThat(failed.kind()).isEqualTo(FailureKind.REJECTED);
            assertThat(failed.message()).contains("more than was asked for");
            buffer.requireGuard();
        }
    }

    @Test
    void shouldRefuseARangeThatWasNotAskedFor() throws IOException {
        for (final String told :
                new String[] {"bytes 0-9/100", "bytes 10-18/100", "bytes 10-19/15", "bytes */100", "", "x"}) {
            try (WireServer server = WireServer.start(
                            _ -> Reply.of(206, Map.of("ETag", ETAG, "Content-Range", told), object(10)));
                    AttemptRunner runner = AttemptRunner.on(server)) {
                final Buffer buffer = new Buffer(10);
                final AttemptFailed failed = failed(runner.run(new GetRange("k", 10, buffer.segment, null)));
                assertThat(failed.kind()).as(told).isEqualTo(FailureKind.REJECTED);
                assertThat(failed.message())
                        .contains("Content-Range".substring(told.isEmpty() ? 0 : 13))
                        .contains(told);
                buffer.requireUntouched(0);
            }
        }
    }

    @Test
    void shouldTellATruncatedBodyFromAWholeOne() throws IOException {
        for (final End end : new End[] {End.CLOSE, End.RESET}) {
            try (WireServer server = WireServer.start(_ -> Reply.withLength(
                                    206,
                                    Map.of("ETag", ETAG, "Content-Range", "bytes 0-99/100"),
                                    Arrays.copyOf(object(100), 60),
                                    100)
                            .then(end));
                    AttemptRunner runner = AttemptRunner.on(server)) {
                final AttemptFailed failed = failed(runner.run(new GetRange("k", 0, new Buffer(100).segment, null)));
                assertThat(failed.kind()).isEqualTo(FailureKind.UNREACHABLE);
                assertThat(failed.retry()).isEqualTo(Retry.LATER);
                assertThat(failed.effect()).isEqualTo(Effect.NONE);
            }
        }
    }

    @Test
    void shouldAskForTheLengthWhenTheStoreDoesNotTellIt() throws IOException {
        try (WireServer server = WireServer.start(request -> request.method().equals("HEAD")
                        ? Reply.withLength(200, Map.of("ETag", ETAG), new byte[0], 42)
                        : Reply.of(416));
                AttemptRunner runner = AttemptRunner.on(server)) {
            assertThat(runner.run(new GetRange("k", 42, new Buffer(10).segment, null)))
                    .isEqualTo(new RangeBeyondEnd(42));
            assertThat(runner.run(new GetRange("k", 41, new Buffer(0).segment, null)))
                    .isEqualTo(new RangeRead(0, 42, ETAG, WriteStamp.NONE));
            assertThat(runner.run(new GetRange("k", 42, new Buffer(0).segment, null)))
                    .isEqualTo(new RangeBeyondEnd(42));
        }
    }

    @Test
    void shouldTellAnotherVersionAlsoWhenTheStoreIgnoresTheCondition() throws IOException {
        try (WireServer server = WireServer.start(request -> ranged(request, object(10)));
                AttemptRunner runner = AttemptRunner.on(server)) {
            assertThat(runner.run(new GetRange("k", 0, new Buffer(10).segment, "\"v0\"")))
                    .isInstanceOf(ConditionFailed.class);
            assertThat(server.only().header("If-Match")).isEqualTo("\"v0\"");
        }
    }

    @Test
    void shouldVerifyTheChecksumOfAWholeObject() throws IOException {
        final byte[] object = object(1_000);
        final String right = BodyChecksums.encodeCrc32c(dev.firn.nativeio.checksum.Crc32c.compute(object, 0, 1_000));
        try (WireServer server = WireServer.start(request -> ranged(
                        request,
                        object,
                        "x-amz-checksum-crc32c",
                        request.target().endsWith("bad") ? "AAAAAA==" : right));
                AttemptRunner runner = AttemptRunner.on(server)) {
            assertThat(runner.run(new GetRange("good", 0, new Buffer(2_000).segment, null)))
                    .isInstanceOf(RangeRead.class);
            final AttemptFailed failed = failed(runner.run(new GetRange("bad", 0, new Buffer(1_000).segment, null)));
            assertThat(failed.kind()).isEqualTo(FailureKind.CORRUPT);
            assertThat(failed.retry()).isEqualTo(Retry.LATER);
            assertThat(runner.run(new GetRange("bad", 0, new Buffer(999).segment, null)))
                    .isInstanceOf(RangeRead.class);
            assertThat(server.seen().getFirst().header("x-amz-checksum-mode")).isEqualTo("ENABLED");
        }
    }

    @Test
    void shouldTellAMissingObjectFromAServerThatIsNoStore() throws IOException {
        try (WireServer server = WireServer.start(request -> request.target().endsWith("object")
                        ? Reply.xml(404, "<Error><Code>NoSuchKey</Code></Error>")
                        : Reply.xml(404, "<html>no such page"));
                AttemptRunner runner = AttemptRunner.on(server)) {
            assertThat(runner.run(new GetRange("object", 0, new Buffer(9).segment, null)))
                    .isInstanceOf(Missing.class);
            final AttemptFailed failed = failed(runner.run(new GetRange("page", 0, new Buffer(9).segment, null)));
            assertThat(failed.kind()).isEqualTo(FailureKind.NO_SUCH_PLACE);
            assertThat(failed.message()).contains("is no object store");
        }
    }

    static AttemptFailed failed(final AttemptResult result) {
        assertThat(result).isInstanceOf(AttemptFailed.class);
        return (AttemptFailed) result;
    }

    /** Answers as S3 does. */
    static Reply ranged(final WireServer.Seen request, final byte[] object, final String... more) {
        final String[] range =
                request.header("Range").substring("bytes=".length()).split("-", 2);
        final int first = Integer.parseInt(range[0]);
        final int last = (int) Math.min(Long.parseLong(range[1]), object.length - 1);
        if (first >= object.length) {
            return Reply.of(416, "Content-Range", "bytes */" + object.length);
        }
        final Map<String, String> headers = Reply.pairs(more);
        headers.put("ETag", ETAG);
        headers.put("Content-Range", "bytes " + first + "-" + last + "/" + object.length);
        return Reply.of(206, headers, Arrays.copyOfRange(object, first, last + 1));
    }

    static byte[] object(final int length) {
        final byte[] bytes = new byte[length];
        new SplittableRandom(length).nextBytes(bytes);
        return bytes;
    }

    /** A buffer with guarded bytes behind it. */
    private final class Buffer {
        private final MemorySegment all;
        private final MemorySegment segment;

        Buffer(final long length) {
            all = arena.allocate(length + GUARD_BYTES).fill(GUARD);
            segment = all.asSlice(0, length);
        }

        void requireContent(final byte[] object, final int offset, final int length) {
            assertThat(MemorySegment.ofArray(object).asSlice(offset, length).mismatch(segment.asSlice(0, length)))
                    .isEqualTo(-1);
            requireUntouched(length);
        }

        void requireGuard() {
            requireUntouched(segment.byteSize());
        }

        void requireUntouched(final long from) {
            for (long i = from; i < all.byteSize(); i++) {
                assertThat(all.get(ValueLayout.JAVA_BYTE, i)).isEqualTo(GUARD);
            }
        }
    }
}
