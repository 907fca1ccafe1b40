package dev.firn.compute.instance;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Values of each type as literals: extremes by hand, and others drawn. */
public final class SampleValues {
    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "a",
            "null",
            "NULL",
            "x y",
            "a,b",
            "\"q\"",
            "back\\slash",
            "{}",
            "()",
            "[1,2)",
            "it''s",
            "tab\there",
            "line\nbreak",
            "\u000b\f\r\u0001",
            "äöü €",
            "😀",
            "\u007f");

    private final RandomGenerator random;
    private final int drawn;

    public SampleValues(final RandomGenerator random, final int drawn) {
        this.random = random;
        this.drawn = drawn;
    }

    /** By type name, literals without their quotes, in which a quote is doubled. */
    public Map<String, List<String>> all(final int major) {
        final Map<String, List<String>> all = new LinkedHashMap<>();
        numbers(all);
        texts(all);
        times(all, major);
        networks(all);
        geometry(all);
        search(all);
        ranges(all);
        return all;
    }

    private interface Draw {
        String next();
    }

    private void put(
            final Map<String, List<String>> all, final String type, final List<String> extremes, final Draw draw) {
        final List<String> values = new ArrayList<>(extremes);
        for (int i = 0; i < drawn && draw != null; i++) {
            values.add(draw.next());
        }
        all.put(type, values);
    }

    private void numbers(final Map<String, List<String>> all) {
        put(all, "bool", List.of("t", "f"), null);
        put(all, "int2", List.of("0", "1", "-1", "32767", "-32768"), () -> "" + (short) random.nextInt());
        put(all, "int4", List.of("0", "-1", "2147483647", "-2147483648"), () -> "" + skewedInt());
        put(all, "int8", List.of("0", "-1", "9223372036854775807", "-9223372036854775808"), () -> "" + skewedLong());
        put(all, "oid", List.of("0", "4294967295"), () -> Integer.toUnsignedString(random.nextInt()));
        put(all, "xid", List.of("0", "4294967295"), () -> Integer.toUnsignedString(random.nextInt()));
        put(all, "cid", List.of("0", "4294967295"), null);
        put(all, "xid8", List.of("0", "18446744073709551615"), () -> Long.toUnsignedString(skewedLong()));
        put(
                all,
                "float8",
                List.of(
                        "0",
                        "-0",
                        "NaN",
                        "Infinity",
                        "-Infinity",
                        "1",
                        "-1.5",
                        "0.1",
                        "1e15",
                        "1e14",
                        "123456789012345",
                        "1e-4",
                        "1e-5",
                        "0.00012345",
                        "5e-324",
                        "1e-323",
                        "2.2250738585072014e-308",
                        "1.7976931348623157e308",
                        "9007199254740993",
                        "9007199254740991",
                        "1e23",
                        "1e22",
                        "9.5e-7",
                        "4.35",
                        "2e-323",
                        "100",
                        "1234567890123456",
                        "6.0e15",
                        "2.2250738585072011e-308"),
                () -> drawnDouble());
        put(
                all,
                "float4",
                List.of(
                        "0",
                        "-0",
                        "NaN",
                        "Infinity",
                        "-Infinity",
                        "1",
                        "0.1",
                        "1e6",
                        "100000",
                        "123456",
                        "1234567",
                        "16777216",
                        "1e-45",
                        "1.17549435e-38",
                        "3.4028235e38",
                        "1e-4",
                        "1e-5",
                        "8388608",
                        "33554432"),
                () -> drawnFloat());
        put(
                all,
                "numeric",
                List.of(
                        "0",
                        "0.00",
                        "NaN",
                        "Infinity",
                        "-Infinity",
                        "1",
                        "-1",
                        "10000",
                        "9999",
                        "0.0001",
                        "0.00001",
                        "-0.000000000000000000001",
                        "123456789012345678901234567890.123456789",
                        "1e200",
                        "1e-200",
                        "1e131071",
                        "1e-16383",
                        "100000000000000000000000000000000000000",
                        "1.10",
                        "0.5000"),
                this::drawnNumeric);
        put(all, "numeric(38,10)", List.of("0", "9999999999999999999999999999.9999999999", "NaN", "-1.5"), null);
        put(all, "numeric(5,-2)", List.of("1234567", "-100", "0"), null);
        put(
                all,
                "money",
                List.of("0", "-0.01", "1234.5", "-92233720368547758.08", "92233720368547758.07", "1000000"),
                () -> (skewedLong() >> 10) + ".07");
        put(all, "pg_lsn", List.of("0/0", "FFFFFFFF/FFFFFFFF", "16/B374D848"), null);
        put(all, "tid", List.of("(0,0)", "(4294967295,65535)", "(70000,3)"), null);
        put(all, "txid_snapshot", List.of("10:20:10,14,15", "1:1:", "9000000000:9000000010:9000000001"), null);
        put(all, "pg_snapshot", List.of("10:20:10,14,15", "1:1:"), null);
        put(
                all,
                "uuid",
                List.of("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
                () -> new UUID(random.nextLong(), random.nextLong()).toString());
        put(all, "regclass", List.of("0", "4000000000"), null);
        put(all, "regtype", List.of("0", "4000000000"), null);
        put(all, "regoper", List.of("0", "4000000000"), null);
        put(all, "regproc", List.of("0", "4000000000"), null);
        put(all, "regrole", List.of("0", "4000000000"), null);
        put(all, "int2vector", List.of("", "1 2 -3"), null);
        put(all, "oidvector", List.of("", "1 4294967295"), null);
    }

    private void texts(final Map<String, List<String>> all) {
        final List<String> texts = new ArrayList<>(TEXTS);
        texts.add("long ".repeat(60));
        texts.add("z".repeat(130));
        texts.add("compressed inline ".repeat(300));
        texts.add(noise(900));
        for (final String type : List.of("text", "varchar", "varchar(9000)", "refcursor", "citext")) {
            put(all, type, texts, () -> noise(random.nextInt(200)));
        }
        put(
                all,
                "text COLLATE \"C\"",
                List.of(noise(40_000), "compressed outside ".repeat(4000) + noise(20_000)),
                null);
        put(all, "bpchar", List.of("", "a  ", "NULL "), null);
        put(all, "char(10)", List.of("", "a", "abcdefghij", "äöü"), null);
        put(all, "name", List.of("", "a", "n".repeat(63), "with \"quote\""), null);
        put(all, "\"char\"", List.of("", "a", " ", "\\377", "\\200", "\"", "\\\\"), null);
        put(
                all,
                "bytea",
                List.of("\\x", "\\x00", "\\xdeadbeef", "\\x" + "00ff".repeat(3000)),
                () -> "\\x" + Integer.toHexString(random.nextInt() | 0x10000000));
        put(all, "bit(5)", List.of("10101", "00000"), null);
        put(
                all,
                "bit varying",
                List.of("", "1", "111111111", "01".repeat(300)),
                () -> Integer.toBinaryString(random.nextInt()));
        put(all, "json", List.of("{\"a\" : [1,2 ] }", " null ", "\"x\\u0001\""), null);
        put(
                all,
                "jsonb",
                List.of(
                        "null",
                        "true",
                        "false",
                        "0",
                        "-1.50",
                        "1e400",
                        "\"\"",
                        "\"a\\\"b\\\\\\n\\u0001\\t\\b\\f\\r€\"",
                        "[]",
                        "{}",
                        "[null, true, 1, \"x\", [], {}]",
                        "{\"b\": 1, \"a\": {\"c\": [1, {\"d\": null}]}, \"longer key\": 0.10}",
                        "[[[[[[[[1]]]]]]]]",
                        "[".repeat(300) + "]".repeat(300),
                        manyKeys()),
                this::drawnJson);
        put(all, "jsonb_big", List.of(manyKeys(), "[" + "1.5, \"abc\", ".repeat(500) + "null]"), null);
        all.put("jsonb", concat(all.get("jsonb"), all.remove("jsonb_big")));
        put(all, "mood", List.of("sad", "ok", "happy", "with space", "quo\"te"), null);
        put(
                all,
                "hstore",
                List.of("", "a=>1", "a=>NULL, \"b c\"=>\"x\\\"y\\\\\", d=>\"\"", "k=>" + "v".repeat(200)),
                null);
        put(all, "ltree", List.of("", "Top", "Top.Science.Astronomy", "a." + "b".repeat(200)), null);
    }

    private void times(final Map<String, List<String>> all, final int major) {
        put(
                all,
                "date",
                List.of(
                        "2000-01-01",
                        "1970-01-01",
                        "infinity",
                        "-infinity",
                        "4714-11-24 BC",
                        "5874897-12-31",
                        "0001-01-01",
                        "0001-12-31 BC",
                        "1999-12-31",
                        "2000-02-29",
                        "1900-02-28",
                        "10000-01-01",
                        "0044-03-15 BC"),
                this::drawnDate);
        put(all, "time", List.of("00:00", "24:00:00", "23:59:59.999999", "12:34:56.1", "01:02:03.000001"), null);
        put(
                all,
                "timetz",
                List.of(
                        "00:00+00",
                        "24:00:00-15:59",
                        "12:34:56.7+05:30",
                        "01:02:03-03:30:15",
                        "01:02:03+15:59:59",
                        "10:00-08"),
                null);
        final List<String> stamps = List.of(
                "2000-01-01 00:00:00",
                "infinity",
                "-infinity",
                "4714-11-24 00:00:00 BC",
                "294276-12-31 23:59:59.999999",
                "1970-01-01 00:00:00.000001",
                "1999-12-31 23:59:59.9",
                "0001-01-01 00:00:00",
                "0001-12-31 23:59:59.999999 BC",
                "2038-01-19 03:14:08",
                "1582-10-10 00:00:00");
        put(all, "timestamp", stamps, this::drawnDate);
        put(all, "timestamptz", stamps, this::drawnDate);
        final List<String> intervals = new ArrayList<>(List.of(
                "0",
                "1 year",
                "-1 year",
                "1 mon",
                "13 mons -1 day",
                "1 day",
                "-1 day +00:00:01",
                "1 year -2 days 03:04:05.6",
                "-00:00:01",
                "00:00:00.000001",
                "-1 mon +2 days",
                "178000000 years",
                "-178000000 years",
                "2147483647 days",
                "2562047788:00:54.775807",
                "-2562047788:00:54.775807",
                "25:01:00",
                "-1 days -0.5 secs"));
        if (major >= 17) {
            intervals.add("infinity");
            intervals.add("-infinity");
        }
        put(
                all,
                "interval",
                intervals,
                () -> (random.nextInt() >> 12) + " mons " + (random.nextInt() >> 8) + " days "
                        + (random.nextLong() >> 14) + " microseconds");
    }

    private void networks(final Map<String, List<String>> all) {
        put(
                all,
                "inet",
                List.of(
                        "0.0.0.0",
                        "255.255.255.255",
                        "192.168.1.5/24",
                        "10.0.0.1/32",
                        "1.2.3.4/0",
                        "::",
                        "::1",
                        "::/0",
                        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/127",
                        "2001:db8::1/64",
                        "::ffff:1.2.3.4",
                        "::1.2.3.4",
                        "1:0:0:2:0:0:0:3",
                        "1:0:2:3:4:5:6:7",
                        "::2:0",
                        "0:0:0:0:0:0:0:2",
                        "1::",
                        "fe80::1:0:0:1",
                        "::ffff:0:0",
                        "0:0:0:0:0:1:0:0"),
                this::drawnInet);
        put(all, "cidr", List.of("0.0.0.0/0", "10.0.0.0/8", "10.1.2.3/32", "::/0", "2001:db8::/32", "::1/128"), null);
        put(all, "macaddr", List.of("00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "08:00:2b:01:02:03"), null);
        put(all, "macaddr8", List.of("00:00:00:00:00:00:00:00", "08:00:2b:01:02:03:04:05"), null);
    }

    private void geometry(final Map<String, List<String>> all) {
        put(
                all,
                "point",
                List.of("(0,0)", "(-0,NaN)", "(Infinity,-Infinity)", "(1e300,0.1)"),
                () -> "(" + drawnDouble() + "," + drawnDouble() + ")");
        put(all, "line", List.of("{1,-1,0}", "{0.1,2,3e-9}"), null);
        put(all, "lseg", List.of("[(0,0),(1,2)]"), null);
        put(all, "box", List.of("(1,2),(3,4)", "(0,0),(0,0)"), null);
        put(all, "path", List.of("((0,0),(1,1))", "[(0,0),(1,1),(2,0.5)]", "[(1,1)]"), null);
        put(all, "polygon", List.of("((0,0),(1,1),(2,0))", "((1,2))"), null);
        put(all, "circle", List.of("<(0,0),1>", "<(1.5,-2),0>"), null);
    }

    private void search(final Map<String, List<String>> all) {
        put(
                all,
                "tsvector",
                List.of(
                        "",
                        "a",
                        "''it''''s'' b:1A,2B,3C,4D c:16383",
                        "a:1 ab:2,3 abc",
                        "''back\\\\slash''",
                        "w" + "x".repeat(2000) + ":5"),
                null);
        put(
                all,
                "tsquery",
                List.of(
                        "",
                        "a",
                        "a & b",
                        "a | b & !c",
                        "!(a | b) & c",
                        "a <-> b",
                        "a <3> (b <-> c)",
                        "(a <-> b) <2> c",
                        "a:*",
                        "a:AB & b:*CD",
                        "''it''''s'' | ''b\\\\c''",
                        "!!a",
                        "(a & b) | (c & (d | e))",
                        "a <0> b"),
                null);
    }

    private void ranges(final Map<String, List<String>> all) {
        put(all, "int4range", List.of("empty", "[1,5)", "(,)", "[5,)", "(,-3]"), null);
        put(all, "int8range", List.of("empty", "[1,9223372036854775807)", "(,)"), null);
        put(
                all,
                "numrange",
                List.of(
                        "empty",
                        "[1.50,2.5]",
                        "(-0.1,)",
                        "[NaN,NaN]",
                        "[1e30,1e40)",
                        "[" + "1".repeat(100) + "," + "2".repeat(300) + "]"),
                null);
        put(all, "daterange", List.of("[2000-01-01,infinity]", "[0044-03-15 BC,2000-01-01)", "empty"), null);
        put(all, "tsrange", List.of("[\"2000-01-01 10:00\",\"2001-01-01\")", "(,infinity)"), null);
        put(all, "tstzrange", List.of("[2000-01-01 00:00:00+00,)"), null);
        put(
                all,
                "textrange",
                List.of(
                        "[a,b]",
                        "(\"\",\"x y\")",
                        "[\"(\",\"q\\\"\\\\\")",
                        "(,zzz]",
                        "empty",
                        "[" + "a".repeat(63) + "," + "b".repeat(200) + "]",
                        "[" + "a".repeat(60) + "," + "b".repeat(60) + "]"),
                null);
        put(all, "int4multirange", List.of("{}", "{[1,2)}", "{[1,2),[5,8),[10,11),[20,30),[40,50),[60,)}"), null);
        put(
                all,
                "nummultirange",
                List.of("{}", "{[1.5,2),[3,1e20]}", "{(,)}", "{[1,2),[3,4),[5,6),[7,8),[9,10)}"),
                null);
        put(all, "datemultirange", List.of("{[2000-01-01,2000-02-01),[2001-01-01,)}"), null);
        put(
                all,
                "textmultirange",
                List.of("{[a,b),[c,d),[\"x y\",z]}", "{[" + "a".repeat(60) + "," + "b".repeat(200) + "]}"),
                null);
        put(all, "positive", List.of("1", "2147483647"), null);
        put(all, "positives", List.of("{1,2}", "{}"), null);
        put(all, "flagdomain", List.of("t"), null);
        put(
                all,
                "nested",
                List.of("(1,\"a b\",\"{1,NULL}\",\"(2,z)\",\"[1,2)\")", "(,,,,)", "(1,\"\",{},\"(,)\",empty)"),
                null);
        put(all, "altered", List.of("(1,3)", "(,)"), null);
    }

    private static List<String> concat(final List<String> first, final List<String> second) {
        final List<String> both = new ArrayList<>(first);
        both.addAll(second);
        return both;
    }

    private static String manyKeys() {
        final StringBuilder keys = new StringBuilder("{");
        for (int i = 0; i < 200; i++) {
            keys.append(i == 0 ? "" : ", ")
                    .append("\"key")
                    .append(i * 7 % 200)
                    .append("\": ")
                    .append(i % 3 == 0 ? "[" + i + "]" : i + ".5");
        }
        return keys.append('}').toString();
    }

    private int skewedInt() {
        return random.nextInt() >> random.nextInt(32);
    }

    private long skewedLong() {
        return random.nextLong() >> random.nextInt(64);
    }

    private String drawnDouble() {
        final double value = switch (random.nextInt(4)) {
            case 0 -> Double.longBitsToDouble(random.nextLong());
            case 1 -> random.nextInt(2_000_000) / 1000.0;
            case 2 ->
                Double.longBitsToDouble(
                        (random.nextLong() & 0x8000_0000_0000_0000L) | ((long) random.nextInt(2046) << 52));
            default -> (double) skewedLong();
        };
        return Double.toString(value);
    }

    private String drawnFloat() {
        final float value = switch (random.nextInt(3)) {
            case 0 -> Float.intBitsToFloat(random.nextInt());
            case 1 -> random.nextInt(2_000_000) / 1000.0f;
            default -> Float.intBitsToFloat(random.nextInt(255) << 23);
        };
        return Float.toString(value);
    }

    private String drawnNumeric() {
        final StringBuilder digits = new StringBuilder(random.nextBoolean() ? "-" : "");
        final int whole = random.nextInt(30);
        final int fraction = random.nextInt(30);
        for (int i = 0; i <= whole; i++) {
            digits.append(random.nextInt(3) == 0 ? 0 : random.nextInt(10));
        }
        digits.append('.');
        for (int i = 0; i <= fraction; i++) {
            digits.append(random.nextInt(3) == 0 ? 0 : random.nextInt(10));
        }
        return digits.toString();
    }

    private String drawnDate() {
        final boolean before = random.nextInt(4) == 0;
        final int year = 1 + random.nextInt(before ? 4700 : 200_000);
        return String.format(
                "%04d-%02d-%02d %02d:%02d:%02d.%06d%s",
                year,
                1 + random.nextInt(12),
                1 + random.nextInt(28),
                random.nextInt(24),
                random.nextInt(60),
                random.nextInt(60),
                random.nextInt(1_000_000),
                before ? " BC" : "");
    }

    private String drawnInet() {
        if (random.nextBoolean()) {
            return random.nextInt(256) + "." + random.nextInt(256) + "." + random.nextInt(256) + "."
                    + random.nextInt(256) + "/" + random.nextInt(33);
        }
        final StringBuilder words = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            words.append(i == 0 ? "" : ":")
                    .append(Integer.toHexString(random.nextInt(2) == 0 ? 0 : random.nextInt(65536)));
        }
        return words.append('/').append(random.nextInt(129)).toString();
    }

    private String drawnJson() {
        return json(0);
    }

    private String json(final int depth) {
        final int kind = random.nextInt(depth > 4 ? 4 : 6);
        return switch (kind) {
            case 0 -> new BigDecimal(drawnNumeric()).toPlainString();
            case 1 -> "\"" + noise(random.nextInt(20)) + "\"";
            case 2 -> "true";
            case 3 -> "null";
            case 4 -> {
                final List<String> items = new ArrayList<>();
                for (int i = random.nextInt(40); i > 0; i--) {
                    items.add(json(depth + 2));
                }
                yield "[" + String.join(",", items) + "]";
            }
            default -> {
                final List<String> items = new ArrayList<>();
                for (int i = random.nextInt(40); i > 0; i--) {
                    items.add("\"" + noise(1 + random.nextInt(8)) + "\":" + json(depth + 2));
                }
                yield "{" + String.join(",", items) + "}";
            }
        };
    }

    private String noise(final int length) {
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }
}
