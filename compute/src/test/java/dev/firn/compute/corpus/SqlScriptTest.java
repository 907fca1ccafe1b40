package dev.firn.compute.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SqlScriptTest {
    @Test
    void shouldTakeStatementsAndDirectivesInOrder() {
        final SqlScript script = SqlScript.parse("s", """
                -- A remark; with a semicolon.
                SELECT 1;
                --: session b
                INSERT INTO t -- and here
                    VALUES (2);
                --: checked
                """);

        assertThat(script.steps())
                .containsExactly(
                        new SqlScript.Sql("SELECT 1"),
                        new SqlScript.Directive("session", "b"),
                        new SqlScript.Sql("INSERT INTO t \n    VALUES (2)"),
                        new SqlScript.Directive("checked", ""));
    }

    @Test
    void shouldKeepSemicolonsWithinQuotes() {
        assertThat(SqlScript.parse("s", "SELECT 'a;''--b'; DO $$ BEGIN; 'x' -- y\n END $$;")
                        .steps())
                .containsExactly(
                        new SqlScript.Sql("SELECT 'a;''--b'"), new SqlScript.Sql("DO $$ BEGIN; 'x' -- y\n END $$"));
    }

    @Test
    void shouldRefuseWhatEndsWithinAStatement() {
        assertThatThrownBy(() -> SqlScript.parse("s", "SELECT 1;\nSELECT 2")).hasMessage("s.sql ends within SELECT 2");
        assertThatThrownBy(() -> SqlScript.parse("s", "SELECT 1\n--: session b\n;"))
                .hasMessageStartingWith("s.sql: a directive within SELECT 1");
    }

    @Test
    void shouldFindEveryScriptOfTheMix() {
        for (final String name : CorpusMaker.MIX) {
            assertThat(SqlScript.named(name).steps()).as(name).isNotEmpty();
        }
        assertThat(List.copyOf(CorpusMaker.MIX)).doesNotHaveDuplicates();
    }
}
