package dev.firn.compute.corpus;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * SQL statements and what is to happen between them. Statements end with a semicolon. A line that begins with {@code --:} is a
 * directive:
 *
 * <dl>
 *   <dt>{@code session NAME} <dd>the following runs in that session, which is opened when it is first named
 *   <dt>{@code database NAME} <dd>all sessions are closed; the following ones are of that database
 *   <dt>{@code background} <dd>the next statement is not waited for: it will wait for another session
 *   <dt>{@code join NAME} <dd>waits for what runs in the background of that session
 *   <dt>{@code until QUERY} <dd>asks until the answer is true
 *   <dt>{@code execute result} <dd>runs what the statement before selected
 *   <dt>{@code extension NAME} <dd>creates it; without it in this Postgres the rest of the script is left out
 *   <dt>{@code setting NAME VALUE} <dd>with another value of it the rest of the script is left out
 *   <dt>{@code compression NAME} <dd>images are compressed like that from here on, in a Postgres that offers it
 *   <dt>{@code unchecked}, {@code checked} <dd>the session's records come without images to compare with, and with them again: a
 *       thousand more records of a kind would prove no more, and images take time
 *   <dt>{@code freeze all databases} <dd>a freezing vacuum of each, those included that take no sessions
 * </dl>
 */
final class SqlScript {
    private static final String DIRECTIVE = "--:";

    private final String name;
    private final List<Step> steps;

    private SqlScript(final String name, final List<Step> steps) {
        this.name = name;
        this.steps = steps;
    }

    /** A statement, or a directive by its first word with what follows it. */
    sealed interface Step {}

    record Sql(String text) implements Step {}

    record Directive(String word, String rest) implements Step {}

    /** The script {@code NAME.sql} beside this class. */
    static SqlScript named(final String name) {
        try (InputStream in = SqlScript.class.getResourceAsStream(name + ".sql")) {
            if (in == null) {
                throw new IllegalArgumentException("there is no script " + name + ".sql");
            }
            return parse(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static SqlScript parse(final String name, final String text) {
        final List<Step> steps = new ArrayList<>();
        final StringBuilder statement = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            if (text.startsWith("--", at)) {
                final int newline = text.indexOf('\n', at);
                final int end = newline < 0 ? text.length() : newline;
                if (text.startsWith(DIRECTIVE, at)) {
                    if (!statement.toString().isBlank()) {
                        throw new IllegalArgumentException(name + ".sql: a directive within "
                                + statement.toString().strip());
                    }
                    steps.add(directive(
                            text.substring(at + DIRECTIVE.length(), end).strip()));
                }
                at = end;
            } else if (text.charAt(at) == '\'') {
                at = copy(text, at, endOf(text, "'", at + 1), statement);
            } else if (text.startsWith("$$", at)) {
                at = copy(text, at, endOf(text, "$$", at + 2), statement);
            } else if (text.charAt(at) == ';') {
                steps.add(new Sql(statement.toString().strip()));
                statement.setLength(0);
                at++;
            } else {
                statement.append(text.charAt(at++));
            }
        }
        if (!statement.toString().isBlank()) {
            throw new IllegalArgumentException(
                    name + ".sql ends within " + statement.toString().strip());
        }
        return new SqlScript(name, List.copyOf(steps));
    }

    private static int copy(final String text, final int from, final int to, final StringBuilder statement) {
        statement.append(text, from, to);
        return to;
    }

    /** Behind the next occurrence of the end, or at the text's end. */
    private static int endOf(final String text, final String end, final int from) {
        final int found = text.indexOf(end, from);
        return found < 0 ? text.length() : found + end.length();
    }

    private static Directive directive(final String line) {
        final int space = line.indexOf(' ');
        return space < 0
                ? new Directive(line, "")
                : new Directive(
                        line.substring(0, space), line.substring(space + 1).strip());
    }

    String name() {
        return name;
    }

    List<Step> steps() {
        return steps;
    }
}
