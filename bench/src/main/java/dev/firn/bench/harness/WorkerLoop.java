package dev.firn.bench.harness;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The child's end of a {@link Worker}: takes questions from its input, a line of JSON each, answers each with a line, and
 * returns at the end of its input, so that a child never outlives the suite.
 *
 * @param <Q> what is asked.
 */
public final class WorkerLoop<Q> {
    private final Class<Q> questionType;
    private final Answerer<Q> answerer;

    /** Answers one question. What it throws becomes the answer's error. */
    @FunctionalInterface
    public interface Answerer<Q> {
        Object answer(Q question) throws IOException, BenchmarkException, InterruptedException;
    }

    public WorkerLoop(final Class<Q> questionType, final Answerer<Q> answerer) {
        this.questionType = questionType;
        this.answerer = answerer;
    }

    public void serve(final InputStream input, final PrintStream output) throws IOException {
        final ObjectMapper mapper = new ObjectMapper();
        final BufferedReader questions = new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
        for (String line = questions.readLine(); line != null; line = questions.readLine()) {
            final Worker.Answer answer = answer(mapper, mapper.readValue(line, questionType));
            output.println(mapper.writeValueAsString(answer));
            output.flush();
        }
    }

    private Worker.Answer answer(final ObjectMapper mapper, final Q question) {
        try {
            return new Worker.Answer(mapper.valueToTree(answerer.answer(question)), null);
        } catch (final IOException | BenchmarkException | RuntimeException e) {
            return new Worker.Answer(null, e.getMessage() == null ? e.toString() : e.getMessage());
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Worker.Answer(null, "interrupted");
        }
    }
}
