package dev.firn.tuning.profile;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The record's text, version 1.
 *
 * <pre>
 * firn-tuning-originals 1
 * written TAB 2026-11-21T08:00:00Z
 * profile TAB bare-metal-nvme
 * value TAB /proc/sys/vm/swappiness TAB =60
 * file TAB /etc/sysctl.d/90-firn.conf TAB -
 * end TAB 2 TAB 1a2b3c4d
 * </pre>
 *
 * One place a line: {@code =} and its text, or {@code -} when nothing was there; tab, line feed and backslash are
 * written {@code \t}, {@code \n} and {@code \\}. The last line counts the places and holds the CRC32C of everything
 * before it.
 */
final class OriginalsCodec {
    private static final String FIRST_LINE = "firn-tuning-originals 1";
    private static final String TAB = "\t";

    private OriginalsCodec() {}

    /** The text is not a whole record: torn, changed by hand, or of another version. */
    static final class DamagedException extends Exception {
        private static final long serialVersionUID = 1L;

        DamagedException(final String reason) {
            super(reason);
        }
    }

    static String encode(final Originals originals, final String writtenAt) {
        final StringBuilder out = new StringBuilder(FIRST_LINE)
                .append("\nwritten\t")
                .append(writtenAt)
                .append("\nprofile\t")
                .append(originals.profile())
                .append('\n');
        for (final Original original : originals.all()) {
            out.append(name(original.kind()))
                    .append(TAB)
                    .append(escape(original.where()))
                    .append(TAB)
                    .append(original.text().map(text -> "=" + escape(text)).orElse("-"))
                    .append('\n');
        }
        final String body = out.toString();
        return body + "end\t" + originals.all().size() + TAB + checksum(body) + "\n";
    }

    static Originals decode(final String text) throws DamagedException {
        final int end = text.lastIndexOf("end\t");
        if (!text.startsWith(FIRST_LINE + "\n")) {
            throw new DamagedException("its first line is not '" + FIRST_LINE + "'");
        }
        if (end <= 0 || text.charAt(end - 1) != '\n' || !text.endsWith("\n")) {
            throw new DamagedException("its end is missing");
        }
        final String body = text.substring(0, end);
        final String[] trailer = text.substring(end).strip().split(TAB, -1);
        if (trailer.length != 3 || !trailer[2].equals(checksum(body))) {
            throw new DamagedException("its checksum does not match");
        }
        final Originals originals = new Originals();
        final List<String> lines = body.lines().toList();
        originals.setProfile(fields(lines, 2, 2)[1]);
        for (int line = 3; line < lines.size(); line++) {
            originals.record(decodePlace(fields(lines, line, 3), line));
        }
        if (!trailer[1].equals(Integer.toString(originals.all().size()))) {
            throw new DamagedException("it counts " + trailer[1] + " places and holds "
                    + originals.all().size());
        }
        return originals;
    }

    private static String[] fields(final List<String> lines, final int line, final int count) throws DamagedException {
        final String[] fields = line < lines.size() ? lines.get(line).split(TAB, -1) : new String[0];
        if (fields.length != count) {
            throw new DamagedException("its line " + (line + 1) + " does not have " + count + " fields");
        }
        return fields;
    }

    private static Original decodePlace(final String[] fields, final int line) throws DamagedException {
        Original.Kind kind = null;
        for (final Original.Kind known : Original.Kind.values()) {
            if (name(known).equals(fields[0])) {
                kind = known;
            }
        }
        if (kind == null) {
            throw new DamagedException("its line " + (line + 1) + " is of an unknown kind, " + fields[0]);
        }
        final Optional<String> text =
                fields[2].startsWith("=") ? Optional.of(unescape(fields[2].substring(1))) : Optional.empty();
        return new Original(kind, unescape(fields[1]), text);
    }

    private static String name(final Original.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private static String checksum(final String body) {
        final CRC32C crc = new CRC32C();
        crc.update(body.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }

    private static String escape(final String text) {
        return text.replace("\\", "\\\\")
                .replace("\n", "\\n")
                .replace("\t", "\\t")
                .replace("\r", "\\r");
    }

    private static String unescape(final String text) {
        final StringBuilder out = new StringBuilder(text.length());
        for (int index = 0; index < text.length(); index++) {
            final char c = text.charAt(index);
            if (c != '\\' || index + 1 == text.length()) {
                out.append(c);
                continue;
            }
            index++;
            out.append(
                    switch (text.charAt(index)) {
                        case 'n' -> '\n';
                        case 't' -> '\t';
                        case 'r' -> '\r';
                        default -> text.charAt(index);
                    });
        }
        return out.toString();
    }
}
