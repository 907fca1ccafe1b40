package dev.firn.bench.harness;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A child JVM that measures, seen from the suite: one for all rounds of a benchmark, so that its code is compiled once and
 * stays so, and it waits without using a processor while the rival is measured. Its other end is {@link WorkerLoop}.
 *
 * <p>One question at a time, from the suite's thread.
 */
public final class Worker implements AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(60);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

    private final ObjectMapper mapper = new ObjectMapper();
    private final Process process;
    private final BufferedWriter questions;
    private final BufferedReader answers;
    private final Path complaints;

    private Worker(final Process process, final Path complaints) {
        this.process = process;
        this.questions = process.outputWriter(StandardCharsets.UTF_8);
        this.answers = process.inputReader(StandardCharsets.UTF_8);
        this.complaints = complaints;
    }

    /** What the child answers, a line of JSON: one of the two is null. */
    record Answer(JsonNode value, String error) {}

    /**
     * Starts a child with the product's flags.
     *
     * @param main serves its standard input with {@link WorkerLoop}.
     * @param flags more flags for its JVM.
     */
    public static Worker start(final BenchContext context, final Class<?> main, final List<String> flags)
            throws BenchmarkException {
        return start(context, main, flags, List.of());
    }

    /**
     * Starts a child that needs libraries which the product does not have: a rival's.
     *
     * @param moreClassPath see {@link ForkedJvm#command(Class, List, List)}.
     */
    public static Worker start(
            final BenchContext context, final Class<?> main, final List<String> flags, final List<String> moreClassPath)
            throws BenchmarkException {
        try {
            // Not inherited: the JVM's warnings about flags that were chosen on purpose would stand between the rows.
            final Path complaints =
                    context.resources().own(Files.createTempFile(context.workDirectory(), "worker", ".err"));
            final Process process = new ProcessBuilder(context.forkedJvm().command(main, flags, moreClassPath))
                    .redirectError(complaints.toFile())
                    .start();
            return new Worker(context.resources().own(process), complaints);
        } catch (final IOException e) {
            throw new BenchmarkException("cannot start the process that measures: " + e.getMessage(), e);
        }
    }

    /** Its process id. */
    public long pid() {
        return process.pid();
    }

    /**
     * Has a question answered.
     *
     * @param expected how long the answer takes; a minute more and the child is ended.
     */
    public <A> A ask(final Object question, final Class<A> answerType, final Duration expected)
            throws BenchmarkException, InterruptedException {
        try {
            questions.write(mapper.writeValueAsString(question));
            questions.newLine();
            questions.flush();
            final String line = readLine(expected.plus(GRACE));
            if (line == null) {
                throw new BenchmarkException("the process that measures has ended: " + lastComplaint());
            }
            final Answer answer = mapper.readValue(line, Answer.class);
            if (answer.error() != null) {
                throw new BenchmarkException(answer.error());
            }
            return mapper.treeToValue(answer.value(), answerType);
        } catch (final JsonProcessingException e) {
            throw new BenchmarkException("the process that measures answered nonsense: " + e.getOriginalMessage(), e);
        } catch (final IOException e) {
            throw new BenchmarkException(
                    "lost the process that measures (" + e.getMessage() + "): " + lastComplaint(), e);
        }
    }

    private String readLine(final Duration timeout) throws IOException, BenchmarkException, InterruptedException {
        final CompletableFuture<String> line = CompletableFuture.supplyAsync(() -> {
            try {
                return answers.readLine();
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try {
            return line.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (final TimeoutException e) {
            process.destroyForcibly();
            throw new BenchmarkException(
                    "the process that measures did not answer within " + timeout.toSeconds() + " s", e);
        } catch (final ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e);
        }
    }

    private String lastComplaint() {
        try {
            final List<String> lines = Files.readAllLines(complaints);
            return lines.isEmpty() ? "it did not say why" : lines.getLast();
        } catch (final IOException e) {
            return "what it said cannot be read: " + e.getMessage();
        }
    }

    /** Lets the child end at the end of its input. */
    @Override
    public void close() {
        try {
            questions.close();
            if (!process.waitFor(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
            Files.deleteIfExists(complaints);
        } catch (final IOException e) {
            // It is gone already: nobody is left to be told.
            process.destroyForcibly();
        } catch (final InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
