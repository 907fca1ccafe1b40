package dev.firn.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.s3server.FaultProxy;
import dev.firn.s3tier.s3server.S3Server;
import dev.firn.s3tier.s3server.ServerTrait;
import dev.firn.server.FirnProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code firn store} as a process, on an S3 server. */
@Timeout(180)
class StoreServerProcessTest {
    private static final long SEED = 4;
    private static final String BUCKET = "store-commands";

    /** Three parts. */
    private static final int LONG_BYTES = (20 << 20) + 777;

    private static S3Server server;

    @TempDir
    private Path folder;

    @BeforeAll
    static void startServer() throws IOException {
        server = S3Server.shared();
        server.createBucket(BUCKET);
    }

    @Test
    void shouldCarryAnObjectThereAndBack() throws Exception {
        final byte[] bytes = new byte[LONG_BYTES];
        SystemRandom.seeded(SEED).nextBytes(bytes);
        final Path source = Files.write(folder.resolve("source"), bytes);
        final URI endpoint = server.endpoint();
        final JsonNode put = ok("put", source.toString(), url("a/long one", endpoint), "--json")
                .json();
        assertThat(put.get("parts").asInt()).isEqualTo(3);
        assertThat(put.get("url").asText()).startsWith("s3://" + BUCKET + "/a/long");
        assertThat(ok("ls", "-r", url("a", endpoint)).out()).contains("20.0 MiB  a/long one");
        assertThat(ok("du", url("", endpoint), "--json").json().get("bytes").asLong())
                .isEqualTo(LONG_BYTES);
        final Path target = folder.resolve("target");
        ok("get", url("a/long one", endpoint), target.toString());
        assertThat(target).hasBinaryContent(bytes);
        final FirnProcess.Result again = run("put", source.toString(), url("a/long one", endpoint), "--if-absent");
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err()).contains("nothing was written to s3://" + BUCKET + "/a/long");
    }

    @Test
    void shouldNameAServerWithoutConditionalWritesUnfit() throws Exception {
        try (FaultProxy proxy = FaultProxy.before(server.endpoint(), SEED)) {
            proxy.give(ServerTrait.WITHOUT_CONDITIONAL_WRITES);
            final FirnProcess.Result result = run("check", url("", proxy.endpoint()));
            assertThat(result.exitCode()).as(result.err()).isEqualTo(1);
            assertThat(result.out())
                    .containsPattern("(?m)^FAIL    create-if-absent      a second create .* was answered: stored$")
                    .containsPattern("(?m)^FAIL    create-race ")
                    .containsPattern("(?m)^FAIL    replace-if-match ")
                    .contains("cost: two owners could overwrite each other's manifest")
                    .containsPattern("(?m)^UNFIT: keep no data there: .*create-if-absent");
        }
    }

    @Test
    void shouldSayThatTheBucketIsMissing() throws Exception {
        for (final String command : new String[] {"ls", "check", "du"}) {
            final FirnProcess.Result result =
                    run(command, "s3://no-such-bucket?anonymous=true&endpoint=" + server.endpoint());
            assertThat(result.exitCode()).as(result.err()).isEqualTo(1);
            assertThat(result.err().lines().toList().getLast()).contains("there is no bucket no-such-bucket");
        }
    }

    private static String url(final String key, final URI endpoint) {
        return "s3://" + BUCKET + "/" + key + "?anonymous=true&endpoint=" + endpoint;
    }

    private static FirnProcess.Result run(final String command, final String... arguments)
            throws IOException, InterruptedException {
        final String[] line = new String[arguments.length + 2];
        line[0] = "store";
        line[1] = command;
        System.arraycopy(arguments, 0, line, 2, arguments.length);
        return FirnProcess.run(line);
    }

    private static FirnProcess.Result ok(final String command, final String... arguments)
            throws IOException, InterruptedException {
        final FirnProcess.Result result = run(command, arguments);
        assertThat(result.exitCode()).as(result.err()).isZero();
        return result;
    }
}
