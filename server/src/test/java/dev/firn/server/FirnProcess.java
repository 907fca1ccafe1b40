package dev.firn.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.bench.harness.ForkedJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The firn program in a process of its own, with the flags that it has in production, but for two: it lives for seconds, in which
 * optimizing its code would cost the test's machine more than all that it does. What moves much has that too; and so has
 * everything in a long run.
 */
public final class FirnProcess implements AutoCloseable {
    /** Five JVMs start with a system, and tests share their processors with others. */
    private static final long LIMIT_SECONDS = 180;

    /** Commands whose time is that of their kernels. */
    private static final Set<String> MOVING_MUCH = Set.of("wal", "lake", "bench", "simulate");

    private static final List<String> SLOW_TO_START = List.of("-XX:+UseZGC", "--add-modules=jdk.incubator.vector");
    private static final List<String> QUICK_TO_START = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Process process;
    private final Path out;
    private final Path err;

    private FirnProcess(final Process process, final Path out, final Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** What a command that is over has left. */
    public record Result(int exitCode, String out, String err) {
        public JsonNode json() {
            try {
                return MAPPER.readTree(out);
            } catch (final IOException e) {
                throw new UncheckedIOException(out, e);
            }
        }
    }

    /** Runs a command to its end. */
    public static Result run(final String... arguments) throws IOException, InterruptedException {
        try (FirnProcess firn = start(List.of(), arguments)) {
            return firn.awaitEnd();
        }
    }

    /** Starts a command. */
    public static FirnProcess start(final String... arguments) throws IOException {
        return start(List.of(), arguments);
    }

    /**
     * Starts a command.
     *
     * @param wrapper a command line that runs the one that follows it, such as {@code unshare -m}.
     */
    public static FirnProcess start(final List<String> wrapper, final String... arguments) throws IOException {
        return start(wrapper, Main.class, arguments);
    }

    /** Starts another program than firn, with the same flags. */
    public static FirnProcess start(final Class<?> program, final String... arguments) throws IOException {
        return start(List.of(), program, arguments);
    }

    private static FirnProcess start(final List<String> wrapper, final Class<?> program, final String... arguments)
            throws IOException {
        final List<String> command = new ArrayList<>(wrapper);
        command.addAll(javaCommand(program, arguments));
        command.addAll(List.of(arguments));
        final Path out = Files.createTempFile("firn-test", ".out");
        final Path err = Files.createTempFile("firn-test", ".err");
        final Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        return new FirnProcess(process, out, err);
    }

    private static ForkedJvm asInProduction() {
        return ForkedJvm.ofProject(Path.of(System.getProperty("firn.root")));
    }

    /** Of what lives for seconds. */
    static List<String> quickFlags() {
        return asInProduction().with(SLOW_TO_START, QUICK_TO_START).flags();
    }

    private static List<String> javaCommand(final Class<?> program, final String... arguments) {
        final boolean isOptimized = Boolean.getBoolean("firn.test.optimized")
                || (arguments.length > 0 && MOVING_MUCH.contains(arguments[0]));
        final StartCache start = StartCache.get();
        final List<String> command = new ArrayList<>();
        command.add(ForkedJvm.javaExecutable());
        if (isOptimized) {
            command.addAll(asInProduction().flags());
        } else {
            command.addAll(quickFlags());
            command.addAll(start.flags());
        }
        command.add("-Xmx256m");
        command.add("-cp");
        command.add(start.classPath());
        command.add(program.getName());
        return command;
    }

    public Process process() {
        return process;
    }

    public String err() {
        return read(err);
    }

    /** Waits for {@code up} to say where it is, and returns the root of its endpoint. */
    public URI awaitUp() throws InterruptedException {
        final String begin = "  page     ";
        for (int i = 0; i < LIMIT_SECONDS * 50; i++) {
            final int at = read(out).indexOf(begin);
            if (at >= 0 && read(out).indexOf('\n', at) > 0) {
                final String rest = read(out).substring(at + begin.length());
                return URI.create(rest.substring(0, rest.indexOf('\n')));
            }
            assertThat(process.waitFor(20, TimeUnit.MILLISECONDS))
                    .as("ended before it was up: %s", err())
                    .isFalse();
        }
        throw new AssertionError("not up after " + LIMIT_SECONDS + " s: " + err());
    }

    /** Waits until the status at an endpoint is as it should, and returns it. */
    public static JsonNode awaitStatus(final URI root, final Predicate<JsonNode> condition)
            throws IOException, InterruptedException {
        final Semaphore never = new Semaphore(0);
        JsonNode status = null;
        for (int i = 0; i < LIMIT_SECONDS * 5; i++) {
            status = json(get(root.resolve("status")));
            if (condition.test(status)) {
                return status;
            }
            assertThat(never.tryAcquire(200, TimeUnit.MILLISECONDS)).isFalse();
        }
        throw new AssertionError("never so: " + status);
    }

    public Result awaitEnd() throws InterruptedException {
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
                .as("%s ended; it said: %s", process.info().commandLine(), err())
                .isTrue();
        return new Result(process.exitValue(), read(out), err());
    }

    /** Sends a signal by its name. */
    public void signal(final String name) throws IOException, InterruptedException {
        final Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    public static HttpResponse<String> get(final URI uri) throws IOException, InterruptedException {
        try (HttpClient client =
                HttpClient.newBuilder().proxy(HttpClient.Builder.NO_PROXY).build()) {
            return client.send(
                    HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    public static JsonNode json(final HttpResponse<String> response) throws IOException {
        return MAPPER.readTree(response.body());
    }

    private static String read(final Path file) {
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            final StringBuilder text = new StringBuilder();
            reader.lines()
                    // The JVM's own word about the vector module.
                    .filter(line -> !line.startsWith("WARNING: Using incubator modules"))
                    .forEach(line -> text.append(line).append('\n'));
            return text.toString();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Children end with their parent, by themselves, and hold files of the test's directory until then. */
    @Override
    public void close() throws IOException, InterruptedException {
        final List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        for (final ProcessHandle child : children) {
            assertThat(child.onExit().orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS))
                    .as("%s ended with its parent", child.info().commandLine())
                    .succeedsWithin(Duration.ofSeconds(LIMIT_SECONDS));
        }
        Files.delete(out);
        Files.delete(err);
    }
}
