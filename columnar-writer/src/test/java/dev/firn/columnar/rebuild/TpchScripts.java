package dev.firn.columnar.rebuild;

import java.util.List;

/**
 * Orders and their lines as TPC-H's specification has them (4.2.3): sparse keys, dates that follow one another, prices of parts, flags that follow from dates,
 * comments of words. Drawn by hashes of the row's number: the same rows each time. Loaded at once, vacuumed and frozen.
 */
public final class TpchScripts {
    private static final String WORDS =
            "'{packages,requests,accounts,deposits,foxes,ideas,theodolites,pinto beans,instructions,dependencies,excuses,platelets,asymptotes,"
                    + "courts,dolphins,sleep,wake,are,cajole,haggle,nag,use,boost,affix,detect,integrate,maintain,nod,was,lose,sublate,solve,"
                    + "furiously,quickly,carefully,blithely,slyly,fluffily,ruthlessly,special,pending,unusual,express,silent,even,bold,final,"
                    + "ironic,regular,the,above,according to,across,after,against,along,among}'::text[]";

    private TpchScripts() {}

    /** Each to be executed on its own. */
    public static List<String> all(final int orders) {
        return List.of(
                "CREATE FUNCTION drawn(i int8, salt int, low int, high int) RETURNS int LANGUAGE sql IMMUTABLE AS"
                        + " $$ SELECT low + ((hashint8extended(i, salt) & 2147483647) % (high - low + 1))::int $$",
                "CREATE FUNCTION comment_of(i int8, salt int, length int) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT substr(string_agg(("
                        + WORDS + ")[drawn(i, salt + w, 1, 56)], ' '), 1, length) FROM generate_series(1, 12) w $$",
                "CREATE TABLE orders (o_orderkey int8, o_custkey int8, o_orderstatus char(1), o_totalprice numeric(15, 2), o_orderdate date,"
                        + " o_orderpriority char(15), o_clerk char(15), o_shippriority int, o_comment varchar(79))",
                "INSERT INTO orders SELECT i / 8 * 32 + i % 8, drawn(i, 1, 1, 50000) * 3 + 1,"
                        + " CASE WHEN drawn(i, 2, 0, 2405) < 1200 THEN 'F' WHEN drawn(i, 2, 0, 2405) < 1300 THEN 'P' ELSE 'O' END,"
                        + " drawn(i, 3, 100000, 45000000) / 100.0, date '1992-01-01' + drawn(i, 2, 0, 2405),"
                        + " ('{1-URGENT,2-HIGH,3-MEDIUM,4-NOT SPECIFIED,5-LOW}'::text[])[drawn(i, 4, 1, 5)],"
                        + " 'Clerk#' || lpad(drawn(i, 5, 1, 1000)::text, 9, '0'), 0, comment_of(i, 100, drawn(i, 6, 19, 78))"
                        + " FROM generate_series(1, " + orders + ") i",
                "VACUUM (FREEZE) orders",
                "CREATE TABLE lineitem (l_orderkey int8, l_partkey int8, l_suppkey int8, l_linenumber int, l_quantity numeric(15, 2),"
                        + " l_extendedprice numeric(15, 2), l_discount numeric(15, 2), l_tax numeric(15, 2), l_returnflag char(1),"
                        + " l_linestatus char(1), l_shipdate date, l_commitdate date, l_receiptdate date, l_shipinstruct char(25),"
                        + " l_shipmode char(10), l_comment varchar(44))",
                "INSERT INTO lineitem SELECT i / 8 * 32 + i % 8, part, part % 10000 + 1, n, quantity, quantity * (90000 + part / 10 % 20001"
                        + " + 100 * (part % 1000)) / 100.0, drawn(id, 12, 0, 10) / 100.0, drawn(id, 13, 0, 8) / 100.0,"
                        + " CASE WHEN received <= date '1995-06-17' THEN ('{R,A}'::text[])[drawn(id, 14, 1, 2)] ELSE 'N' END,"
                        + " CASE WHEN shipped > date '1995-06-17' THEN 'O' ELSE 'F' END, shipped, ordered + drawn(id, 15, 30, 90), received,"
                        + " ('{DELIVER IN PERSON,COLLECT COD,NONE,TAKE BACK RETURN}'::text[])[drawn(id, 16, 1, 4)],"
                        + " ('{REG AIR,AIR,RAIL,SHIP,TRUCK,MAIL,FOB}'::text[])[drawn(id, 17, 1, 7)],"
                        + " comment_of(id, 200, drawn(id, 18, 10, 43))"
                        + " FROM (SELECT i, n, i * 8 + n AS id, drawn(i * 8 + n, 10, 1, 200000) AS part, drawn(i * 8 + n, 11, 1, 50) AS quantity,"
                        + " date '1992-01-01' + drawn(i, 2, 0, 2405) AS ordered, date '1992-01-01' + drawn(i, 2, 0, 2405)"
                        + " + drawn(i * 8 + n, 19, 1, 121) AS shipped, date '1992-01-01' + drawn(i, 2, 0, 2405)"
                        + " + drawn(i * 8 + n, 19, 1, 121) + drawn(i * 8 + n, 20, 1, 30) AS received"
                        + " FROM generate_series(1, " + orders
                        + ") i, generate_series(1, 7) n WHERE n <= drawn(i, 21, 1, 7)) lines",
                "VACUUM (FREEZE) lineitem");
    }
}
