package dev.firn.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.server.FirnProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code firn store} as a process, on a store in a directory. */
@Timeout(180)
class StoreCommandProcessTest {
    private static final long SEED = 4;

    /** More than goes in one piece, and no whole number of parts or sectors. */
    private static final int LONG_BYTES = (20 << 20) + 777;

    @TempDir
    private Path folder;

    private Path store;

    @BeforeEach
    void createStore() throws IOException {
        store = Files.createDirectory(folder.resolve("store"));
    }

    @Test
    void shouldCarryObjectsThereAndBackAndShowThem() throws Exception {
        final Path source = file("source", LONG_BYTES);
        final Path small = Files.writeString(folder.resolve("small"), "hello\n");
        // The first write makes the directory that it goes to a store; what follows finds it above.
        assertThat(ok("put", small.toString(), url("a+b c")).out())
                .startsWith("file://" + store + "/a+b%20c: 6 B in ")
                .contains("ETag \"");
        final JsonNode put =
                ok("put", source.toString(), url("logs/2026/long"), "--json").json();
        assertThat(put.get("bytes").asLong()).isEqualTo(LONG_BYTES);
        assertThat(put.get("parts").asInt()).isEqualTo(3);
        assertThat(put.get("url").asText()).isEqualTo("file://" + store + "/logs/2026/long");

        assertThat(ok("ls", store.toString()).out().lines())
                .hasSize(2)
                .anySatisfy(line -> assertThat(line).matches("20\\d\\d-.*Z +6 B  a\\+b c"))
                .anySatisfy(line -> assertThat(line).matches(" +logs/"));
        final JsonNode list =
                ok("ls", "-r", store.resolve("logs").toString(), "--json").json();
        assertThat(list.get("objects").asInt()).isOne();
        assertThat(list.get("bytes").asLong()).isEqualTo(LONG_BYTES);
        assertThat(list.get("entries").get(0).get("key").asText()).isEqualTo("logs/2026/long");
        assertThat(list.get("entries").get(0).get("etag")).isEqualTo(put.get("etag"));
        assertThat(ok("ls", url("logs/2026/long")).out()).hasLineCount(1).contains("20.0 MiB  logs/2026/long");

        assertThat(ok("du", store.toString()).out().lines())
                .containsExactly(
                        "  20.0 MiB          1 objects  logs/",
                        "       6 B          1 objects  (objects)",
                        "  20.0 MiB          2 objects  total");
        assertThat(ok("du", store.toString(), "--json").json().get("bytes").asLong())
                .isEqualTo(LONG_BYTES + 6);

        final Path target = folder.resolve("target");
        final JsonNode get =
                ok("get", url("logs/2026/long"), target.toString(), "--json").json();
        assertThat(get.get("etag")).isEqualTo(put.get("etag"));
        assertThat(Files.mismatch(source, target)).isEqualTo(-1);
        assertThat(ok("get", url("a+b c"), "-").out()).isEqualTo("hello\n");
        // Into a directory, under the key's last part; what was there under that name is replaced.
        final Path inside = Files.createDirectory(folder.resolve("inside"));
        Files.writeString(inside.resolve("long"), "old");
        ok("get", url("logs/2026/long"), inside.toString());
        assertThat(Files.mismatch(source, inside.resolve("long"))).isEqualTo(-1);
        assertThat(names(inside)).containsExactly("long");
    }

    @Test
    void shouldCarryAnEmptyFile() throws Exception {
        final Path empty = Files.createFile(folder.resolve("empty"));
        assertThat(ok("put", empty.toString(), url("nothing"), "--json")
                        .json()
                        .get("bytes")
                        .asLong())
                .isZero();
        ok("get", url("nothing"), folder.resolve("back").toString());
        assertThat(folder.resolve("back")).isEmptyFile();
    }

    @Test
    void shouldWriteOnlyWhenTheConditionHolds() throws Exception {
        final Path first = Files.writeString(folder.resolve("first"), "first");
        final Path second = Files.writeString(folder.resolve("second"), "second");
        final JsonNode created =
                ok("put", first.toString(), url("key"), "--if-absent", "--json").json();
        assertThat(failed("put", second.toString(), url("key"), "--if-absent"))
                .startsWith("firn: nothing was written to file://" + store + "/key: ");
        assertThat(failed("put", second.toString(), url("key"), "--if-match", "\"other\""))
                .contains("has the ETag " + created.get("etag").asText() + ", not \"other\"");
        assertThat(failed("put", second.toString(), url("none"), "--if-match", "\"other\""))
                .contains("nothing was written: there is no object");
        assertThat(store.resolve("key")).hasContent("first");
        ok(
                "put",
                second.toString(),
                url("key"),
                "--if-match",
                created.get("etag").asText());
        assertThat(store.resolve("key")).hasContent("second");
    }

    @Test
    void shouldCallTheDirectoryFit() throws Exception {
        final JsonNode report = ok("check", store.toString(), "--json").json();
        assertThat(report.get("verdict").asText()).as(report.toPrettyString()).isEqualTo("FIT");
        assertThat(report.get("fit").asBoolean()).isTrue();
        assertThat(report.get("leftBehind").asText()).isEmpty();
        assertThat(report.get("checks")).hasSizeGreaterThan(20).allSatisfy(check -> {
            assertThat(check.get("status").asText()).as(check.toString()).isIn("PASS", "INFO");
            assertThat(check.get("seen").asText()).isNotEmpty();
        });
        assertThat(names(store)).containsExactly(".firn");
    }

    @Test
    void shouldJudgeNothingWhenItsTimeIsOverBefore() throws Exception {
        final FirnProcess.Result result = run("check", "--limit", "1", store.toString());
        // A quick host may be through in a second.
        assertThat(result.out()).containsPattern("(?m)^(FIT|UNDECIDED): ");
        assertThat(result.exitCode()).isEqualTo(result.out().contains("UNDECIDED") ? 1 : 0);
        assertThat(names(store)).containsExactly(".firn");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ls DIR/nowhere | there is no directory DIR/nowhere: create it first",
                "ls DIR/plain | DIR/plain is no object store: there is no .firn/format in it",
                "du DIR/file | DIR/file is no directory",
                "get DIR/store/none DIR/x | there is no object file://DIR/store/none",
                "get DIR/store/object DIR/none/x | there is no directory DIR/none: create it first",
                "put DIR/none DIR/store/x | there is no file DIR/none",
                "put DIR/plain DIR/store/x | DIR/plain is a directory",
                "put DIR/file DIR/store/object/below | in a directory no key is the directory of another",
                "ls s3://bucket?endpoint=http://127.0.0.1:1&anonymous=true | 127.0.0.1:1",
                "check s3://bucket?endpoint=http://127.0.0.1:1&anonymous=true | cannot check s3://bucket/?endpoint=",
                "ls s3://bucket?ca=DIR/none.pem | the file of ca=DIR/none.pem is not there"
            })
    void shouldSayInOneSentenceWhatFailed(final String line, final String sentence) throws Exception {
        Files.createDirectory(folder.resolve("plain"));
        Files.writeString(folder.resolve("file"), "a file");
        ok("put", folder.resolve("file").toString(), url("object"));
        final String[] arguments = line.replace("DIR", folder.toString()).split(" ");
        assertThat(failed(arguments)).contains(sentence.replace("DIR", folder.toString()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ls | Missing required parameter: 'URL'",
                "ls gs://bucket | there is no store for the scheme gs",
                "ls s3://bucket?regoin=eu | \"regoin\" is no setting of a store URL",
                "ls s3://bucket?secret_key=hushhush | a store URL holds no credentials",
                "get s3://key:hushhush@bucket/object | a store URL holds no credentials",
                "get s3://bucket/ | this names no object",
                "get s3://bucket/object - --json | both want standard output",
                "put file s3://bucket/object --if-absent --if-match e | mutually exclusive",
                "check --limit 0 s3://bucket | --limit 0 is not within 1..86400 seconds"
            })
    void shouldAnswerWrongUsageWithTwo(final String line, final String sentence) throws Exception {
        final FirnProcess.Result result = run(line.split(" "));
        assertThat(result.exitCode()).as(result.err()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).hasLineCount(1).contains(sentence).doesNotContain("hushhush");
    }

    @Test
    void shouldLeaveNoFileBehindWhenTheDiskIsFull() throws Exception {
        assumeTrue(canMount(), "this user may not mount in a namespace of its own");
        ok("put", file("source", LONG_BYTES).toString(), url("long"));
        final Path target = Files.createDirectory(folder.resolve("target"));
        final String onSmallDisk = "mount -t tmpfs -o size=8m none \"$0\" && \"$@\"; code=$?; ls -A \"$0\"; exit $code";
        try (FirnProcess firn = FirnProcess.start(
                List.of("unshare", "-rm", "sh", "-c", onSmallDisk, target.toString()),
                "store",
                "get",
                url("long"),
                target.toString())) {
            final FirnProcess.Result result = firn.awaitEnd();
            assertThat(result.exitCode()).as(result.err()).isEqualTo(1);
            assertThat(result.err())
                    .contains("cannot write " + target.resolve("long"))
                    .contains("ENOSPC");
            assertThat(result.out()).as("what is left in the directory").isEmpty();
        }
    }

    @Test
    void shouldGiveAnUploadUpWhenItIsStopped() throws Exception {
        try (FirnProcess firn = FirnProcess.start("store", "put", "-", url("piped"))) {
            final OutputStream input = firn.process().getOutputStream();
            input.write(bytes(LONG_BYTES));
            input.flush();
            awaitUpload();
            firn.signal("TERM");
            final FirnProcess.Result result = firn.awaitEnd();
            assertThat(result.exitCode()).as(result.err()).isEqualTo(1);
            assertThat(result.err()).endsWith("firn: the transfer was stopped; nothing of it is left behind\n");
        }
        assertThat(names(store)).containsExactly(".firn");
        assertThat(names(store.resolve(".firn/uploads"))).isEmpty();
    }

    @Test
    void shouldCarryWhatComesThroughAPipe() throws Exception {
        final byte[] bytes = bytes(LONG_BYTES);
        try (FirnProcess firn = FirnProcess.start("store", "put", "-", url("piped"))) {
            try (OutputStream input = firn.process().getOutputStream()) {
                input.write(bytes, 0, 5_000_000);
                input.flush();
                input.write(bytes, 5_000_000, LONG_BYTES - 5_000_000);
            }
            assertThat(firn.awaitEnd().exitCode()).isZero();
        }
        assertThat(store.resolve("piped")).hasBinaryContent(bytes);
    }

    private boolean canMount() throws IOException, InterruptedException {
        return new ProcessBuilder("unshare", "-rm", "mount", "-t", "tmpfs", "none", folder.toString())
                        .start()
                        .waitFor()
                == 0;
    }

    /** Waits until a part has arrived: the process is in the midst of it then. */
    private void awaitUpload() throws IOException, InterruptedException {
        final Path uploads = store.resolve(".firn/uploads");
        for (int i = 0; i < 60_000 / 20; i++) {
            if (Files.isDirectory(uploads) && !names(uploads).isEmpty()) {
                return;
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        throw new AssertionError("no upload was begun in " + uploads);
    }

    private String url(final String key) {
        return store + "/" + key;
    }

    private Path file(final String name, final int length) throws IOException {
        return Files.write(folder.resolve(name), bytes(length));
    }

    private static byte[] bytes(final int length) {
        final byte[] bytes = new byte[length];
        SystemRandom.seeded(SEED).nextBytes(bytes);
        return bytes;
    }

    private static List<String> names(final Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    private static FirnProcess.Result run(final String... arguments) throws IOException, InterruptedException {
        final List<String> command = new ArrayList<>(List.of("store"));
        command.addAll(List.of(arguments));
        return FirnProcess.run(command.toArray(String[]::new));
    }

    private static FirnProcess.Result ok(final String... arguments) throws IOException, InterruptedException {
        final FirnProcess.Result result = run(arguments);
        assertThat(result.exitCode()).as(result.err()).isZero();
        return result;
    }

    /** What is said on standard error by a command that fails. */
    private static String failed(final String... arguments) throws IOException, InterruptedException {
        final FirnProcess.Result result = run(arguments);
        assertThat(result.exitCode()).as(result.out() + result.err()).isEqualTo(1);
        final String last = result.err().lines().toList().getLast();
        assertThat(last).startsWith("firn: ").doesNotContain("Exception");
        return last;
    }
}
