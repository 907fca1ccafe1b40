package dev.firn.compute.instance;

import java.sql.SQLException;
import java.util.List;

/** Tables with {@link SampleValues}. */
public final class SampleTables {
    private SampleTables() {}

    /** Makes the types, and the functions that print as Firn does. */
    public static void prepare(final PostgresServer server) throws SQLException {
        server.execute("CREATE EXTENSION hstore; CREATE EXTENSION citext; CREATE EXTENSION ltree;"
                + " CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy', 'with space', 'quo\"te');"
                + " CREATE TYPE textrange AS RANGE (subtype = text, multirange_type_name = textmultirange);"
                + " CREATE DOMAIN positive AS int CHECK (VALUE > 0);"
                + " CREATE DOMAIN positives AS positive[]; CREATE DOMAIN flagdomain AS bool;"
                + " CREATE TYPE pair AS (n int2, s text);"
                + " CREATE TYPE nested AS (i int8, s text, a int[], p pair, r int4range);"
                + " CREATE TYPE altered AS (a int, gone text, b int8);"
                + " ALTER TYPE altered DROP ATTRIBUTE gone;"
                + " CREATE FUNCTION txt(anyelement) RETURNS text LANGUAGE sql SET timezone = 'UTC' SET datestyle = 'ISO'"
                + " SET intervalstyle = 'postgres' SET extra_float_digits = 1 SET bytea_output = 'hex'"
                + " SET lc_monetary = 'C' AS $$ SELECT format('%s', $1) $$;"
                + " CREATE FUNCTION casted(anyelement) RETURNS text LANGUAGE sql SET timezone = 'UTC' SET datestyle = 'ISO'"
                + " SET intervalstyle = 'postgres' SET extra_float_digits = 1 SET bytea_output = 'hex'"
                + " SET lc_monetary = 'C' AS $$ SELECT $1::text $$;");
    }

    /** Makes the table {@code t} and its number, with the values alone, in arrays, and in composites; the last row is null. */
    public static void fill(final PostgresServer server, final int index, final String type, final List<String> values)
            throws SQLException {
        final String plain = type.replaceAll(" COLLATE.*", "");
        server.execute(
                "CREATE TYPE c" + index + " AS (x " + type + ", \"y z\" text, z " + type + ");" + " CREATE TABLE t"
                        + index + " (id serial, v " + type + ", a " + plain + "[], c c" + index + ", g int2)");
        for (int begin = 0; begin < values.size(); begin += 1000) {
            final StringBuilder sql = new StringBuilder("SET timezone = 'UTC'; INSERT INTO t" + index + " (v) VALUES ");
            for (int i = begin; i < Math.min(values.size(), begin + 1000); i++) {
                sql.append(i == begin ? "" : ", ")
                        .append("('")
                        .append(values.get(i))
                        .append("')");
            }
            server.execute(sql.toString());
        }
        server.execute("CREATE TABLE u AS SELECT * FROM t" + index + "; TRUNCATE t" + index
                + "; INSERT INTO t" + index + " SELECT id, v, " + arrays(plain) + ","
                + " ROW(v, CASE WHEN id % 2 = 0 THEN 'x' END, CASE WHEN id % 3 = 0 THEN v END)::c" + index
                + ", id % 5 FROM u; DROP TABLE u; INSERT INTO t" + index + " (v) VALUES (NULL)");
    }

    /** Arrays of all shapes; of the vectors none, for ARRAY takes them for arrays themselves. */
    private static String arrays(final String type) {
        return type.matches("(int2|oid)vector")
                ? "NULL"
                : "CASE id % 4 WHEN 0 THEN ARRAY[v, NULL, v]::" + type + "[] WHEN 1 THEN"
                        + " array_fill(v, ARRAY[2, 1, 2], ARRAY[3, -1, 1])::" + type
                        + "[] WHEN 2 THEN '{}' ELSE ARRAY[v]::"
                        + type + "[] END";
    }
}
