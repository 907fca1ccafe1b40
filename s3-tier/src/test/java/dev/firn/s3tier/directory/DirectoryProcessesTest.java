package dev.firn.s3tier.directory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several processes on one directory: who wins races, and what is left of those that are killed. */
class DirectoryProcessesTest {
    private static final int RACERS = 8;
    private static final int WRITERS = 5;
    private static final long WAIT_SECONDS = 60;
    private static final int MAX_LINES_BEFORE_KILL = 40;
    private static final long MAX_PAUSE_BEFORE_KILL_NS = 3_000_000;

    @TempDir
    Path directory;

    private final List<Child> children = new ArrayList<>();
    private final Thread hook = new Thread(this::killAll);

    /** A child and what it says. */
    private record Child(Process process, BufferedReader output) {
        String line() throws IOException {
            return output.readLine();
        }

        void go() throws IOException {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
        }
    }

    @BeforeEach
    void hookIn() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    @AfterEach
    void endChildren() {
        killAll();
        Runtime.getRuntime().removeShutdownHook(hook);
    }

    private void killAll() {
        for (final Child child : children) {
            child.process.destroyForcibly();
        }
    }

    private Child start(final String... arguments) throws IOException {
        final List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED",
                "--add-opens=java.base/java.util.zip=ALL-UNNAMED",
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                StoreProcess.class.getName()));
        command.addAll(List.of(arguments));
        final Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        final Child child = new Child(
                process, new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)));
        children.add(child);
        return child;
    }

    private Driven opened() {
        return new Driven(new HostStorage(directory), directory.toString(), SystemClock.INSTANCE, Thread::onSpinWait);
    }

    private static int number(final String line, final String word) {
        assertThat(line).startsWith(word + " ");
        return Integer.parseInt(line.substring(word.length() + 1));
    }

    @Test
    void shouldLetExactlyOneProcessWinEachRace() throws Exception {
        race(40, 5);
    }

    @Test
    @Tag("long")
    void shouldLetExactlyOneProcessWinManyRaces() throws Exception {
        race(150, 20);
    }

    private void race(final int rounds, final int increments) throws Exception {
        try (Driven store = opened()) {
            store.put("number", "0");
            for (int i = 0; i < RACERS; i++) {
                start("race", directory.toString(), "" + rounds, "" + increments);
            }
            for (final Child child : children) {
                assertThat(child.line()).isEqualTo("ready");
            }
            for (final Child child : children) {
                child.go();
            }
            int won = 0;
            for (final Child child : children) {
                won += number(child.line(), "won");
                assertThat(number(child.line(), "added")).isEqualTo(increments);
                assertThat(child.process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS))
                        .isTrue();
                assertThat(child.process.exitValue()).isZero();
            }
            assertThat(won).isEqualTo(rounds);
            assertThat(store.text("number")).isEqualTo("" + RACERS * increments);
        }
    }

    @Test
    void shouldShowOldOrNewAfterAKillAtAnyInstant() throws Exception {
        killWriters(4, 7);
    }

    @Test
    @Tag("long")
    void shouldShowOldOrNewAfterManyKills() throws Exception {
        killWriters(200, 8);
    }

    private void killWriters(final int rounds, final long seed) throws Exception {
        final RandomGenerator random = SystemRandom.seeded(seed);
        int done = 0;
        int cut = 0;
        for (int round = 0; round < rounds; round++) {
            final long roundSeed = random.nextLong(1 << 20);
            final List<Child> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                writers.add(start("write", directory.toString(), "r" + round + "/w" + i, "" + (roundSeed + i)));
            }
            for (final Child writer : writers) {
                assertThat(writer.line()).isEqualTo("ready");
                writer.go();
            }
            final List<List<String>> said = new ArrayList<>();
            for (final Child writer : writers) {
                final List<String> lines = new ArrayList<>();
                for (int i = random.nextInt(MAX_LINES_BEFORE_KILL); i > 0; i--) {
                    lines.add(writer.line());
                }
                said.add(lines);
                LockSupport.parkNanos(random.nextLong(MAX_PAUSE_BEFORE_KILL_NS));
                // Not through the process itself: that would close the pipe, with what the child has said still in it.
                assertThat(writer.process.toHandle().destroyForcibly()).isTrue();
            }
            for (int i = 0; i < WRITERS; i++) {
                assertThat(writers.get(i).process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS))
                        .isTrue();
                for (String line = writers.get(i).line();
                        line != null;
                        line = writers.get(i).line()) {
                    said.get(i).add(line);
                }
                final Map<String, Set<Integer>> possible = new HashMap<>();
                boolean open = false;
                for (final String line : said.get(i)) {
                    final String[] words = line.split(" ", -1);
                    open = line.startsWith("begin ");
                    if (words.length == 3 && open) {
                        possible.computeIfAbsent(words[1], key -> new HashSet<>(Set.of(0)))
                                .add(Integer.parseInt(words[2]));
                    } else if (words.length == 3) {
                        possible.put(words[1], new HashSet<>(Set.of(Integer.parseInt(words[2]))));
                        done++;
                    }
                }
                cut += open ? 1 : 0;
                verify(possible, roundSeed + i, "seed " + seed + ", round " + round + ", writer " + i);
            }
            children.clear();
        }
        assertSwept();
        System.out.printf(
                "directory store: %d kills, %d of them with a write under way, after %d answered writes%n",
                rounds * WRITERS, cut, done);
        assertThat(done).isPositive();
        assertThat(cut).isPositive();
    }

    private void verify(final Map<String, Set<Integer>> possible, final long seed, final String where) {
        try (Driven store = opened();
                Arena arena = Arena.ofConfined()) {
            final MemorySegment into = arena.allocate((StoreProcess.MAX_WORDS + 1L) * Long.BYTES, Long.BYTES);
            possible.forEach((key, numbers) -> {
                switch (store.run(new AttemptRequest.GetRange(key, 0, into, null))) {
                    case AttemptResult.Missing missing ->
                        assertThat(numbers).as("%s: %s is gone", where, key).contains(0);
                    case AttemptResult.RangeRead read -> {
                        final int number = (int) into.get(ValueLayout.JAVA_LONG, 0);
                        assertThat(numbers).as("%s: %s", where, key).contains(number);
                        for (long at = Long.BYTES; at < read.lengthBytes(); at += Long.BYTES) {
                            assertThat(into.get(ValueLayout.JAVA_LONG, at) == StoreProcess.wordAt(seed, number, at))
                                    .as("%s: %s is whole", where, key)
                                    .isTrue();
                        }
                    }
                    case AttemptResult other -> throw new AssertionError(where + ": " + other);
                }
            });
        }
    }

    /** Nothing is left of dead processes but uploads, which are listed and aborted. */
    private void assertSwept() throws IOException {
        try (Driven store = opened()) {
            try (Stream<Path> folders = Files.list(directory.resolve(".firn/tmp"))) {
                assertThat(folders).hasSize(1);
            }
            String token = null;
            do {
                final var page =
                        (AttemptResult.UploadsListed) store.run(new AttemptRequest.ListUploads("", token, 1_000));
                for (final AttemptResult.Upload upload : page.uploads()) {
                    assertThat(store.run(new AttemptRequest.AbortUpload(upload.key(), upload.uploadId())))
                            .isInstanceOf(AttemptResult.UploadAborted.class);
                }
                token = page.nextToken();
            } while (token != null);
        }
    }
}
