package dev.firn.bench.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.seam.SystemClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WorkerTest {
    private static final Duration EXPECTED = Duration.ofSeconds(5);

    @TempDir
    private Path directory;

    @Test
    void shouldAnswerGoOnAfterAnErrorAndLeaveNothing() throws Exception {
        try (RunResources resources = new RunResources();
                Worker worker = Worker.start(context(resources), Parrot.class, List.of("-Xmx64m"))) {
            assertThat(worker.ask("hello", String.class, EXPECTED)).isEqualTo("hello hello");
            assertThatThrownBy(() -> worker.ask("fail", String.class, EXPECTED))
                    .isInstanceOf(BenchmarkException.class)
                    .hasMessage("asked to fail");
            assertThat(worker.ask("again", String.class, EXPECTED)).isEqualTo("again again");
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void shouldSayWhyTheChildEnded() throws Exception {
        try (RunResources resources = new RunResources();
                Worker worker = Worker.start(context(resources), Parrot.class, List.of("-Xmx64m"))) {
            assertThatThrownBy(() -> worker.ask("die", String.class, EXPECTED))
                    .isInstanceOf(BenchmarkException.class)
                    .hasMessageContaining("has ended")
                    .hasMessageContaining("last words");
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void shouldEndChildrenAndDeleteFilesWithTheRun() throws Exception {
        final Path file = Files.createFile(directory.resolve("data"));
        final Process child;
        try (RunResources resources = new RunResources()) {
            resources.own(file);
            child = resources.own(new ProcessBuilder("sleep", "1000").start());
        }
        assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(file).doesNotExist();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    private BenchContext context(final RunResources resources) {
        return new BenchContext(
                BenchOptions.defaults(directory),
                new BenchmarkInfo("parrot", "", "", Direction.HIGHER_IS_BETTER, ""),
                ForkedJvm.ofProject(ForkedJvm.findRoot()),
                resources,
                new Progress(
                        new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8),
                        false,
                        SystemClock.INSTANCE),
                result -> {});
    }

    /** A child that says everything twice. */
    static final class Parrot {
        private Parrot() {}

        public static void main(final String[] arguments) throws IOException {
            new WorkerLoop<>(String.class, Parrot::answer).serve(System.in, System.out);
        }

        private static String answer(final String question) {
            switch (question) {
                case "fail" -> throw new IllegalStateException("asked to fail");
                case "die" -> {
                    System.err.println("last words");
                    Runtime.getRuntime().halt(3);
                }
                default -> {}
            }
            return question + " " + question;
        }
    }
}
