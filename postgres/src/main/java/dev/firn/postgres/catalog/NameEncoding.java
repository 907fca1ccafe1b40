package dev.firn.postgres.catalog;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/**
 * What a database's names mean: they are in its encoding. Of a name whose bytes mean nothing in it, or in an encoding that Java lacks (MULE_INTERNAL), and
 * of one in SQL_ASCII that is no UTF-8, each byte that is not ASCII is shown as {@code \xHH}: two names stay two.
 */
final class NameEncoding {
    /** By the numbers of pg_enc (mb/pg_wchar.h); those that are Java's own names need no more. */
    private static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(1, "EUC-JP"),
            Map.entry(2, "GB2312"),
            Map.entry(3, "EUC-KR"),
            Map.entry(4, "x-EUC-TW"),
            Map.entry(5, "EUC-JP"),
            Map.entry(8, "ISO-8859-1"),
            Map.entry(9, "ISO-8859-2"),
            Map.entry(10, "ISO-8859-3"),
            Map.entry(11, "ISO-8859-4"),
            Map.entry(12, "ISO-8859-9"),
            Map.entry(13, "ISO-8859-10"),
            Map.entry(14, "ISO-8859-13"),
            Map.entry(15, "ISO-8859-14"),
            Map.entry(16, "ISO-8859-15"),
            Map.entry(17, "ISO-8859-16"),
            Map.entry(18, "windows-1256"),
            Map.entry(19, "windows-1258"),
            Map.entry(20, "IBM866"),
            Map.entry(21, "x-windows-874"),
            Map.entry(22, "KOI8-R"),
            Map.entry(23, "windows-1251"),
            Map.entry(24, "windows-1252"),
            Map.entry(25, "ISO-8859-5"),
            Map.entry(26, "ISO-8859-6"),
            Map.entry(27, "ISO-8859-7"),
            Map.entry(28, "ISO-8859-8"),
            Map.entry(29, "windows-1250"),
            Map.entry(30, "windows-1253"),
            Map.entry(31, "windows-1254"),
            Map.entry(32, "windows-1255"),
            Map.entry(33, "windows-1257"),
            Map.entry(34, "KOI8-U"));

    /** Of shared catalogs: each row is in the encoding of the database where it was written, which nobody knows. */
    static final NameEncoding SHARED = new NameEncoding(StandardCharsets.UTF_8);

    private final Charset charset;

    private NameEncoding(final Charset charset) {
        this.charset = charset;
    }

    static NameEncoding of(final DatabaseRow database) {
        final String name = NAMES.get(database.encoding());
        if (name != null && Charset.isSupported(name)) {
            return new NameEncoding(Charset.forName(name));
        }
        return new NameEncoding(
                database.encoding() == DatabaseRow.UTF8 || database.encoding() == DatabaseRow.SQL_ASCII
                        ? StandardCharsets.UTF_8
                        : StandardCharsets.US_ASCII);
    }

    String decode(final byte[] name) {
        try {
            return charset.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(name))
                    .toString();
        } catch (final CharacterCodingException _) {
            return escaped(name);
        }
    }

    private static String escaped(final byte[] name) {
        final StringBuilder text = new StringBuilder();
        for (final byte one : name) {
            text.append(one >= 0 ? String.valueOf((char) one) : String.format(Locale.ROOT, "\\x%02x", one & 0xFF));
        }
        return text.toString();
    }
}
