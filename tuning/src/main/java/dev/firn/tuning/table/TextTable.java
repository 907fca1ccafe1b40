package dev.firn.tuning.table;

import java.util.ArrayList;
import java.util.List;

/** Rows whose columns line up, each with wrapped notes beneath it. */
public final class TextTable {
    /** Notes wrap here: a terminal is rarely narrower, and longer lines are hard to read. */
    public static final int MAX_LINE = 110;

    /** A column grows to its widest cell, but not beyond this; a longer cell pushes its row's next columns right. */
    public static final int MAX_COLUMN = 48;

    private static final String GAP = "  ";
    private static final int NOTE_INDENT = 6;

    private final boolean colour;
    private final List<Line> lines = new ArrayList<>();

    public TextTable(final boolean colour) {
        this.colour = colour;
    }

    /** A line of its own that does not take part in the columns. */
    public TextTable heading(final String text) {
        lines.add(new Line(List.of(new Cell(text, Colour.BOLD)), "", false));
        return this;
    }

    /** A plain line, wrapped. */
    public TextTable text(final String text) {
        for (final String part : wrap(text, MAX_LINE)) {
            lines.add(new Line(List.of(new Cell(part, Colour.NONE)), "", false));
        }
        return this;
    }

    /** A row; cell {@code colouredColumn} takes {@code cellColour}. */
    public TextTable row(final int colouredColumn, final Colour cellColour, final String... cells) {
        final List<Cell> row = new ArrayList<>(cells.length);
        for (int column = 0; column < cells.length; column++) {
            row.add(new Cell(oneLine(cells[column]), column == colouredColumn ? cellColour : Colour.NONE));
        }
        lines.add(new Line(row, GAP, true));
        return this;
    }

    /** A sentence beneath the last row; nothing when it is empty. */
    public TextTable note(final String label, final String text) {
        if (!text.isEmpty()) {
            final String indent = " ".repeat(NOTE_INDENT);
            final String hanging = " ".repeat(NOTE_INDENT + label.length());
            String prefix = indent + label;
            for (final String part : wrap(oneLine(text), MAX_LINE - hanging.length())) {
                lines.add(new Line(List.of(new Cell(prefix + part, Colour.DIM)), "", false));
                prefix = hanging;
            }
        }
        return this;
    }

    @Override
    public String toString() {
        final int[] widths = widths();
        final StringBuilder out = new StringBuilder(lines.size() * MAX_LINE);
        for (final Line line : lines) {
            append(out, line, widths);
        }
        return out.toString();
    }

    private int[] widths() {
        final int columns =
                lines.stream().mapToInt(line -> line.cells.size()).max().orElse(0);
        final int[] widths = new int[columns];
        for (final Line line : lines) {
            for (int column = 0; line.isRow && column < line.cells.size(); column++) {
                final int length = line.cells.get(column).text.length();
                widths[column] = Math.max(widths[column], Math.min(length, MAX_COLUMN));
            }
        }
        return widths;
    }

    private void append(final StringBuilder out, final Line line, final int[] widths) {
        final StringBuilder text = new StringBuilder(line.indent);
        for (int column = 0; column < line.cells.size(); column++) {
            final Cell cell = line.cells.get(column);
            text.append(colour ? cell.colour.paint(cell.text) : cell.text);
            if (column + 1 < line.cells.size()) {
                text.repeat(' ', Math.max(0, widths[column] - cell.text.length()))
                        .append(GAP);
            }
        }
        out.append(text.toString().stripTrailing()).append('\n');
    }

    private static String oneLine(final String text) {
        return text.strip().replace("\n", " ⏎ ");
    }

    private static List<String> wrap(final String text, final int width) {
        final List<String> parts = new ArrayList<>();
        String rest = text;
        while (rest.length() > width) {
            int cut = rest.lastIndexOf(' ', width);
            if (cut <= 0) {
                cut = rest.indexOf(' ');
                if (cut <= 0) {
                    break;
                }
            }
            parts.add(rest.substring(0, cut));
            rest = rest.substring(cut + 1);
        }
        parts.add(rest);
        return parts;
    }

    private record Cell(String text, Colour colour) {}

    private record Line(List<Cell> cells, String indent, boolean isRow) {}
}
