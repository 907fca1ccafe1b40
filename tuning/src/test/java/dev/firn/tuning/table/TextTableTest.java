package dev.firn.tuning.table;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TextTableTest {
    @Test
    void shouldLineUpColumnsAndHangNotesBeneathThem() {
        final String table = new TextTable(false)
                .heading("area")
                .row(0, Colour.GREEN, "ok", "a", "1")
                .row(0, Colour.RED, "missing", "longer name", "2")
                .note("costs: ", "much")
                .note("to do: ", "")
                .toString();

        assertThat(table).isEqualTo("""
                area
                  ok       a            1
                  missing  longer name  2
                      costs: much
                """);
    }

    @Test
    void shouldWrapNotesAtWordsWithinTheLine() {
        final String table =
                new TextTable(false).note("why: ", "word ".repeat(60)).toString();

        assertThat(table.lines())
                .hasSizeGreaterThan(2)
                .allSatisfy(line -> assertThat(line)
                        .hasSizeLessThanOrEqualTo(TextTable.MAX_LINE)
                        .startsWith("      ")
                        .endsWith("word"));
    }

    @Test
    void shouldKeepAWordThatIsLongerThanALine() {
        final String path = "/" + "x".repeat(200);

        assertThat(new TextTable(false).note("", path + " and more").toString())
                .contains(path)
                .contains("and more");
    }

    @Test
    void shouldNotCountColoursAsWidth() {
        final String plain = new TextTable(false)
                .row(0, Colour.GREEN, "ok", "x")
                .row(0, Colour.RED, "missing", "y")
                .toString();
        final String coloured = new TextTable(true)
                .row(0, Colour.GREEN, "ok", "x")
                .row(0, Colour.RED, "missing", "y")
                .toString();

        assertThat(coloured.replaceAll("\u001b\\[\\d+m", "")).isEqualTo(plain);
        assertThat(coloured).contains("\u001b[31mmissing\u001b[0m");
    }
}
