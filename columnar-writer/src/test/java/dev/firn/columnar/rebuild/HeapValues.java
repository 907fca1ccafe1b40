package dev.firn.columnar.rebuild;

/** Rows of the table that has a column of every type: extremes in turn, each with another length, so that rows differ. */
final class HeapValues {
    private HeapValues() {}

    /** An INSERT of so many rows. */
    static String insert(final String table, final int rows) {
        return "SET timezone = 'UTC'; INSERT INTO " + table + " SELECT i % 2 = 0, "
                + pick("-32768", "32767", "0", "i") + "::int2, "
                + pick("-2147483648", "2147483647", "0", "i") + "::int4, "
                + pick("-9223372036854775808", "9223372036854775807", "i") + "::int8, "
                + pick("'NaN'", "'-0'", "'Infinity'", "'1.17549435e-38'", "'3.14'") + "::float4, "
                + pick("'NaN'", "'-0'", "'-Infinity'", "'5e-324'", "'2.718281828459045'") + "::float8, "
                + pick(
                        "'NaN'",
                        "'Infinity'",
                        "'-Infinity'",
                        "0",
                        "0.00",
                        "-1.10",
                        "10000",
                        "99999999",
                        "1e-20",
                        "1e30",
                        "12345678901234567890.123456789",
                        "i",
                        "i * 0.0001")
                + "::numeric, "
                + pick("0", "-1.5", "1234567.89", "0.01", "'NaN'") + "::numeric(9,2), "
                + pick("'-92233720368547758.08'", "'92233720368547758.07'", "i") + "::money, "
                + pick("0", "4294967295", "i") + "::oid, " + pick("'0'", "'18446744073709551615'", "'12'") + "::xid8, "
                + pick(
                        "'infinity'",
                        "'-infinity'",
                        "'4714-11-24 BC'",
                        "'0001-01-01'",
                        "'9999-12-31'",
                        "'10000-01-01'",
                        "'5874897-12-31'",
                        "'2026-11-22'",
                        "'0044-03-15 BC'")
                + "::date, "
                + pick("'24:00'", "'00:00'", "'23:59:59.999999'", "'12:34:56.7'") + "::time, "
                + pick("'24:00+00'", "'00:00+15:59:59'", "'23:59:59.999999-15:59:59'", "'12:34:56.7+05:30'")
                + "::timetz, "
                + pick(
                        "'infinity'",
                        "'-infinity'",
                        "'4714-11-24 BC'",
                        "'0001-01-01'",
                        "'294276-12-31 23:59:59.999999'",
                        "'2026-11-22 01:02:03.4'",
                        "'0044-03-15 12:00 BC'")
                + "::timestamp, "
                + pick(
                        "'infinity'",
                        "'-infinity'",
                        "'4714-11-24 BC'",
                        "'0001-01-01'",
                        "'294276-12-31 23:59:59.999999'",
                        "'2026-11-22 01:02:03.4'",
                        "'0044-03-15 12:00 BC'")
                + "::timestamptz, "
                + pick(
                        "'0'",
                        "'1 year -2 mons 3 days -04:05:06.7'",
                        "'-178000000 years'",
                        "'1 day'",
                        "'-1 mon +1 day'",
                        "'00:00:00.000001'",
                        "'-00:00:00.1'",
                        "'2147483647 days'",
                        "'-2562047787:00:54.775808'")
                + "::interval, "
                + "md5(i::text)::uuid, "
                + pick("''", "'\\x00'", "decode(repeat('ab', i), 'hex')") + "::bytea, "
                + pick("''", "'a'", "repeat('x', 126)", "repeat('x', 127)", "'äöü € 😀'", "'\\x41'", "md5(i::text)")
                + ", "
                + pick("''", "'varchar'", "'exactly twenty chars'") + "::varchar(20), "
                + pick("''", "'bp'", "'bpchar '") + "::bpchar(7), "
                + pick("''", "'a name'", "repeat('n', 63)") + "::name, "
                + pick("''", "'a'", "'\\'", "'\\377'", "'\\200'") + "::\"char\", "
                + pick("'sad'", "'ok'", "'quo\"te'") + "::mood, "
                + pick(
                        "'0.0.0.0/0'",
                        "'255.255.255.255'",
                        "'10.1.2.3/8'",
                        "'::'",
                        "'::1'",
                        "'1::'",
                        "'::ffff:1.2.3.4'",
                        "'::1.2.3.4'",
                        "'2001:db8::8a2e:370:7334/64'",
                        "'1:2:3:4:5:6:7:8'",
                        "'1:0:0:2::3'")
                + "::inet, "
                + pick("'10.0.0.0/8'", "'::/0'", "'2001:db8::/32'", "'192.168.1.0/24'") + "::cidr, "
                + "'08:00:2b:01:02:03'::macaddr, '08:00:2b:01:02:03:04:05'::macaddr8, "
                + pick("'00000'", "'11111'", "'10101'") + "::bit(5), " + pick("''", "'1'", "'101010101'") + "::varbit, "
                + pick("'0/0'", "'FFFFFFFF/FFFFFFFF'", "'16/B374D848'") + "::pg_lsn, "
                + pick("'(0,0)'", "'(4294967295,65535)'") + "::tid, "
                + "'{\"a\": 1}'::json, "
                + pick(
                        "'{}'",
                        "'{\"a\": [1, 2.50, \"x\", null, true]}'",
                        "'\"s\"'",
                        "'[]'",
                        "'{\"key\": {\"n\": -1e5, \"longer key\": \"value\"}}'")
                + "::jsonb, "
                + pick("''", "'a=>1, b=>NULL'") + "::hstore, " + pick("'empty'", "'[1,10)'", "'(,5)'") + "::int4range, "
                + "ROW(i % 100, CASE WHEN i % 2 = 0 THEN 'x' END)::pair, "
                + pick("'(0,-0)'", "'(1.5,NaN)'", "'(1e300,-Infinity)'") + "::point, "
                + "'(1,2),(3,4)'::box, " + pick("'[(0,0),(1,1),(2,0)]'", "'((0,0),(1,1))'")
                + "::path, '((0,0),(1,1),(2,0))'::polygon, "
                + "'<(1,2),3>'::circle, '[(0,0),(1,1)]'::lseg, '{1,2,3}'::line, 'a:1A fat:2B,4C'::tsvector, 'fat & (rat | !cat)'::tsquery, "
                + pick("''", "'1 -2 3'") + "::int2vector, " + pick("''", "'1 4294967295'") + "::oidvector, "
                + pick("'{}'", "'{1,2,3}'", "'{1,NULL,3}'", "'{NULL}'", "'[0:1]={1,2}'") + "::int4[], "
                + pick("'{}'", "'{a,\"\",NULL,\"x y\"}'", "ARRAY[repeat('long', 50), 'b']::text") + "::text[], "
                + pick("'{1.5,-2.0}'", "'{0.0,NULL}'", "'{NaN}'") + "::numeric(5,1)[], "
                + pick("'{2026-01-01}'", "'{infinity}'", "'{0001-01-01,NULL}'") + "::date[], "
                + pick("'{{1,2},{3,4}}'", "'{}'", "'{5}'") + "::int4[][], " + pick("'{sad,ok}'", "'{NULL}'")
                + "::mood[], "
                + pick("0", "-1234567890123456789012345678.0123456789", "0.0000000001", "99999", "10000")
                + "::numeric(38,10), "
                + pick("0", "123456", "-100", "999900") + "::numeric(4,-2), "
                + pick("0", "-12345678901234.5678", "0.0001", "10000", "99990000.9999") + "::numeric(18,4)"
                + " FROM generate_series(1, " + rows + ") i";
    }

    /** One value after the other, by the row's number; NULL now and then. */
    private static String pick(final String... values) {
        final StringBuilder sql = new StringBuilder("CASE (i + ")
                .append(values[0].length())
                .append(") % ")
                .append(values.length + 1);
        for (int i = 0; i < values.length; i++) {
            sql.append(" WHEN ").append(i).append(" THEN ").append(quoted(values[i]));
        }
        return "(" + sql.append(" END)");
    }

    /** All branches of a CASE are of one type: text, which every type is cast from. */
    private static String quoted(final String value) {
        return value.startsWith("'")
                        && value.endsWith("'")
                        && !value.substring(1, value.length() - 1).contains("'")
                ? value + "::text"
                : "(" + value + ")::text";
    }
}
