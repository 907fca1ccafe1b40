package dev.firn.bench.s3.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.bench.transfer.ObjectBytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class LoadServerTest {
    private static final int OBJECT_BYTES = 1 << 20;

    private final byte[] object = new byte[OBJECT_BYTES];
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private LoadServer server;

    @BeforeEach
    void start() throws IOException {
        server = LoadServer.start(OBJECT_BYTES);
        ObjectBytes.fill(MemorySegment.ofArray(object));
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void shouldAnswerARangeAndTheWholeWithTheObjectsBytes() throws Exception {
        final HttpResponse<byte[]> range = send(request("bench/a").header("Range", "bytes=8192-16383"));
        assertThat(range.statusCode()).isEqualTo(206);
        assertThat(range.headers().firstValue("Content-Range")).contains("bytes 8192-16383/" + OBJECT_BYTES);
        assertThat(range.body()).isEqualTo(Arrays.copyOfRange(object, 8192, 16384));

        final HttpResponse<byte[]> rest = send(request("bench/a").header("Range", "bytes=100-"));
        assertThat(rest.body()).isEqualTo(Arrays.copyOfRange(object, 100, OBJECT_BYTES));

        final HttpResponse<byte[]> whole = send(request("bench/b"));
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.headers().firstValue("ETag")).isPresent();
        assertThat(whole.body()).isEqualTo(object);
        assertThat(server.report().bytesSent()).isGreaterThan(2L * OBJECT_BYTES);
    }

    @Test
    void shouldSayWhenARangeBeginsBeyondTheEnd() throws Exception {
        final HttpResponse<byte[]> answer = send(request("bench/a").header("Range", "bytes=" + OBJECT_BYTES + "-"));

        assertThat(answer.statusCode()).isEqualTo(416);
        assertThat(answer.headers().firstValue("Content-Range")).contains("bytes */" + OBJECT_BYTES);
    }

    @Test
    void shouldTakeBodiesOfAnyLengthAndCountThem() throws Exception {
        for (final int length : new int[] {0, 1, 8 << 10, OBJECT_BYTES}) {
            final HttpResponse<byte[]> answer = send(
                    request("bench/put").PUT(HttpRequest.BodyPublishers.ofByteArray(Arrays.copyOf(object, length))));
            assertThat(answer.statusCode()).isEqualTo(200);
        }

        assertThat(server.report().bytesReceived()).isEqualTo(1 + (8 << 10) + OBJECT_BYTES);
        assertThat(server.report().requests()).isEqualTo(4);
    }

    @Test
    void shouldTellAClientThatWaitsToSendItsBody() throws Exception {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), server.report().port())) {
            socket.getOutputStream()
                    .write("PUT /bench/a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readNBytes(25), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            socket.getOutputStream().write(new byte[3]);
            assertThat(new String(socket.getInputStream().readNBytes(15), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 200 OK");
        }
    }

    @Test
    void shouldRefuseWhatItDoesNotDoAndCountIt() throws Exception {
        assertThat(send(request("bench?list-type=2")).statusCode()).isEqualTo(501);
        assertThat(send(request("bench/a").header("Range", "bytes=0-1,3-4")).statusCode())
                .isEqualTo(501);
        assertThat(server.report().refused()).isEqualTo(2);
        // The connection goes on.
        assertThat(send(request("bench/a").header("Range", "bytes=0-7")).body()).isEqualTo(Arrays.copyOf(object, 8));
    }

    private HttpRequest.Builder request(final String target) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.report().port() + "/" + target));
    }

    private HttpResponse<byte[]> send(final HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }
}
