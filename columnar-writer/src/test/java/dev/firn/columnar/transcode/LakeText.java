package dev.firn.columnar.transcode;

import dev.firn.columnar.batch.ColumnField;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

/** Whether a value that was read from a file is what Postgres printed, by Java's own calendar, numbers and decimals. */
final class LakeText {
    private static final long MICROS = 1_000_000;
    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

    private LakeText() {}

    /**
     * @param value as ParquetJavaFile reads it.
     * @param text what Postgres printed.
     * @param delimiter what stands between the elements of an array.
     */
    static boolean isSame(final ColumnField field, final Object value, final String text, final char delimiter) {
        return switch (field.kind()) {
            case BOOLEAN -> text.equals((Boolean) value ? "t" : "f");
            case INT32 -> text.equals(value.toString());
            case INT64 -> text.equals(value.toString()) || (text.equals("-") && value.equals(0L));
            case FLOAT -> isSameFloat(Float.intBitsToFloat((Integer) value), text);
            case DOUBLE -> isSameDouble(Double.longBitsToDouble((Long) value), text);
            case DECIMAL -> isSameDecimal((BigDecimal) value, text);
            case DATE -> text.equals(LocalDate.ofEpochDay((Integer) value).toString());
            case TIME_MICROS -> LocalTime.parse(text).toNanoOfDay() / 1000 == (Long) value;
            case TIMESTAMP_MICROS -> text.equals(timestamp((Long) value));
            case TIMESTAMP_UTC_MICROS -> text.equals(timestamp((Long) value) + "+00");
            case UUID -> text.equals(uuid((ByteBuffer) value));
            case STRING -> text.equals(value);
            case BINARY -> text.equals("\\x" + hex((ByteBuffer) value));
            case LIST -> isSameList(field, (List<?>) value, text, delimiter);
            default -> throw new IllegalArgumentException("no value of a user is a " + field.kind());
        };
    }

    /** Whether a value is one that docs/types.md sends to overflow. */
    static boolean mayOverflow(final ColumnField field, final String text, final char delimiter) {
        return switch (field.kind()) {
            case DATE, TIMESTAMP_MICROS, TIMESTAMP_UTC_MICROS ->
                text.endsWith(" BC") || text.endsWith("infinity") || text.indexOf('-') > 4;
            case TIME_MICROS -> text.equals("24:00:00");
            case DECIMAL -> text.equals("NaN") || text.replaceAll("[^0-9]", "").length() > field.precision();
            case LIST -> text.startsWith("[") || text.startsWith("{{") || listMayOverflow(field, text, delimiter);
            case STRING -> text.startsWith("\\x");
            default -> false;
        };
    }

    private static boolean listMayOverflow(final ColumnField field, final String text, final char delimiter) {
        return elements(text, delimiter).stream()
                .anyMatch(element ->
                        element != null && mayOverflow(field.children().getFirst(), element, delimiter));
    }

    private static boolean isSameFloat(final float value, final String text) {
        return Float.floatToIntBits(Float.parseFloat(text)) == Float.floatToIntBits(value);
    }

    private static boolean isSameDouble(final double value, final String text) {
        return Double.doubleToLongBits(Double.parseDouble(text)) == Double.doubleToLongBits(value);
    }

    private static boolean isSameDecimal(final BigDecimal value, final String text) {
        if (text.contains("$")) {
            return value.equals(new BigDecimal(text.replace("$", "").replace(",", "")));
        }
        return text.equals(value.toPlainString());
    }

    private static String timestamp(final long micros) {
        final LocalDateTime time = LocalDateTime.ofEpochSecond(
                Math.floorDiv(micros, MICROS), (int) Math.floorMod(micros, MICROS) * 1000, ZoneOffset.UTC);
        final long fraction = Math.floorMod(micros, MICROS);
        return SECONDS.format(time) + (fraction == 0 ? "" : ("." + "%06d".formatted(fraction)).replaceAll("0+$", ""));
    }

    private static String uuid(final ByteBuffer bytes) {
        return new UUID(bytes.getLong(0), bytes.getLong(8)).toString();
    }

    private static String hex(final ByteBuffer bytes) {
        final byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return HexFormat.of().formatHex(copy);
    }

    private static boolean isSameList(
            final ColumnField field, final List<?> values, final String text, final char delimiter) {
        final List<String> texts = elements(text, delimiter);
        if (texts.size() != values.size()) {
            return false;
        }
        final ColumnField element = field.children().getFirst();
        for (int i = 0; i < texts.size(); i++) {
            final Object value = values.get(i);
            if ((value == null) != (texts.get(i) == null)
                    || (value != null && !isSame(element, value, texts.get(i), delimiter))) {
                return false;
            }
        }
        return true;
    }

    /** The elements of an array of one dimension as Postgres prints it. */
    private static List<String> elements(final String text, final char delimiter) {
        final List<String> elements = new ArrayList<>();
        int at = 1;
        while (at < text.length() && !text.equals("{}")) {
            final StringBuilder element = new StringBuilder();
            boolean quoted = false;
            boolean inQuotes = false;
            for (; at < text.length() - 1 || inQuotes; at++) {
                final char c = text.charAt(at);
                if (c == '"') {
                    inQuotes = !inQuotes;
                    quoted = true;
                } else if (c == '\\') {
                    element.append(text.charAt(++at));
                } else if (!inQuotes && c == delimiter) {
                    break;
                } else {
                    element.append(c);
                }
            }
            at++;
            elements.add(!quoted && element.toString().equals("NULL") ? null : element.toString());
        }
        return elements;
    }
}
