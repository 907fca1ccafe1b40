package dev.firn.s3tier.s3server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class S3MockServerTest {
    private static final String BUCKET = "mock-server-test";
    private static final Duration GONE_WITHIN = Duration.ofSeconds(20);

    private static RawS3Client s3;

    @BeforeAll
    static void openClient() throws IOException {
        S3Server.shared().createBucket(BUCKET);
        s3 = new RawS3Client(S3Server.shared());
    }

    @AfterAll
    static void closeClient() {
        s3.close();
    }

    @Test
    void shouldStoreOneObjectWhenManyCreateItAtOnce() throws Exception {
        final int writers = 32;
        for (int round = 0; round < 4; round++) {
            final String target = "/" + BUCKET + "/race-" + round;
            final List<Integer> statuses =
                    Racers.statuses(writers, writer -> s3.put(target, bytes("writer " + writer), "If-None-Match", "*"));
            assertThat(statuses).filteredOn(status -> status == 200).hasSize(1);
            assertThat(statuses).filteredOn(status -> status == 412).hasSize(writers - 1);
        }
    }

    @Test
    void shouldStoreOneObjectWhenManyReplaceTheSameVersionAtOnce() throws Exception {
        final String target = "/" + BUCKET + "/replaced";
        final String etag =
                s3.put(target, bytes("first")).headers().firstValue("ETag").orElseThrow();
        final List<Integer> statuses =
                Racers.statuses(32, writer -> s3.put(target, bytes("writer " + writer), "If-Match", etag));
        assertThat(statuses).filteredOn(status -> status == 200).hasSize(1);
    }

    @Test
    void shouldNeverShowHalfAnObjectWhenItIsReplacedWhileItIsRead() throws Exception {
        final String target = "/" + BUCKET + "/torn";
        final byte[][] versions = {new byte[300_000], new byte[200_000]};
        Arrays.fill(versions[1], (byte) 1);
        s3.put(target, versions[0]);
        Racers.statuses(8, writer -> {
            HttpResponse<byte[]> last = null;
            for (int i = 0; i < 10; i++) {
                last = writer % 2 == 0 ? s3.put(target, versions[i % 2]) : s3.get(target);
                if (writer % 2 == 1) {
                    assertThat(last.body()).isIn(versions[0], versions[1]);
                }
            }
            return last;
        });
    }

    @Test
    void shouldKeepTheObjectWhenAnUploadOfItsKeyIsAborted() throws IOException {
        final String target = "/" + BUCKET + "/kept%20as+it%2Bis";
        s3.put(target, bytes("kept"));
        final String answer =
                new String(s3.send("POST", target + "?uploads", new byte[0]).body(), StandardCharsets.UTF_8);
        final String upload = answer.substring(answer.indexOf("<UploadId>") + 10, answer.indexOf("</UploadId>"));
        assertThat(s3.delete(target + "?uploadId=" + upload).statusCode()).isEqualTo(204);
        assertThat(s3.get(target).body()).isEqualTo(bytes("kept"));
        assertThat(new String(s3.get("/" + BUCKET + "?uploads").body(), StandardCharsets.UTF_8))
                .doesNotContain(upload);
    }

    @Test
    void shouldTakeLargeBodiesAndManyRequestsOnOneConnection() throws Exception {
        final byte[] large = new byte[33 << 20];
        large[large.length - 1] = 7;
        assertThat(s3.put("/" + BUCKET + "/large", large).statusCode()).isEqualTo(200);
        assertThat(s3.get("/" + BUCKET + "/large", "Range", "bytes=" + (large.length - 2) + "-")
                        .body())
                .containsExactly(0, 7);
        for (int i = 0; i < 250; i++) {
            assertThat(s3.head("/" + BUCKET + "/large").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void shouldSayWhatItWroteWhenItDoesNotStart() throws Exception {
        final ServerDirectory directory = ServerDirectory.create();
        final ServerProcess process =
                ServerProcess.start("dies", directory, List.of("sh", "-c", "echo no such luck; exit 3"));
        assertThat(catchThrowable(() -> process.awaitLogged(Pattern.compile("(ready)"), GONE_WITHIN)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ended with 3")
                .hasMessageContaining("no such luck");
        directory.close();
        assertThat(directory.path()).doesNotExist();
    }

    @Test
    void shouldLeaveNothingWhenItsJvmIsKilled() throws Exception {
        final Process parent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Abandoned.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        final long pid;
        final Path directory;
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(parent.getInputStream(), StandardCharsets.UTF_8))) {
            pid = Long.parseLong(out.readLine());
            directory = Path.of(out.readLine());
            assertThat(ProcessHandle.of(pid)).isPresent();
            assertThat(directory).exists();
        } finally {
            parent.destroyForcibly().waitFor(GONE_WITHIN.toSeconds(), TimeUnit.SECONDS);
        }
        assertThat(Waiting.<RuntimeException>until(
                        GONE_WITHIN, () -> ProcessHandle.of(pid).isEmpty() && !Files.exists(directory)))
                .as("process %s and %s are gone", pid, directory)
                .isTrue();
    }

    /** Starts a process that runs for long, says where, and never ends by itself. */
    static final class Abandoned {
        private Abandoned() {}

        public static void main(final String[] arguments) throws IOException {
            final ServerDirectory directory = ServerDirectory.create();
            final ServerProcess process = ServerProcess.start("long", directory, List.of("sleep", "1000"));
            System.out.println(process.pid());
            System.out.println(directory.path());
            System.in.read();
        }
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
