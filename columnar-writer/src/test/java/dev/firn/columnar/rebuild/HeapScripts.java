package dev.firn.columnar.rebuild;

import java.util.List;

/** A database whose pages show what heap pages can be; it needs the types of SampleTables. */
final class HeapScripts {
    private HeapScripts() {}

    /** Each to be executed on its own. */
    static List<String> all() {
        return List.of(
                "CREATE DOMAIN price AS numeric(9, 2)",
                // pgbench's accounts, frozen.
                "CREATE TABLE accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84)) WITH (fillfactor = 100);"
                        + " INSERT INTO accounts SELECT i, i / 100000 + 1, 0, '' FROM generate_series(1, 30000) i",
                "VACUUM (FREEZE) accounts",
                // Updated at random, pruned, and not frozen.
                "CREATE TABLE churned (aid int PRIMARY KEY, bid int, abalance int, filler char(84)) WITH (fillfactor = 80);"
                        + " INSERT INTO churned SELECT i, i % 7, 0, '' FROM generate_series(1, 5000) i",
                "UPDATE churned SET abalance = abalance + 1 WHERE aid % 3 = 0",
                "UPDATE churned SET abalance = abalance + 1 WHERE aid % 5 = 0",
                "UPDATE churned SET abalance = abalance - 1 WHERE aid % 2 = 0; SELECT sum(abalance) FROM churned",
                "UPDATE churned SET bid = bid + 1 WHERE aid % 11 = 0",
                "DELETE FROM churned WHERE aid % 13 = 0",
                "BEGIN; UPDATE churned SET bid = 0 WHERE aid < 300; ROLLBACK",
                "BEGIN; SAVEPOINT s; DELETE FROM churned WHERE aid < 100; ROLLBACK TO s; SAVEPOINT t;"
                        + " SELECT * FROM churned WHERE aid < 50 FOR UPDATE; COMMIT",
                "VACUUM churned",
                "INSERT INTO churned SELECT i, 1, 2, 'again' FROM generate_series(6000, 6300) i",
                "BEGIN; DELETE FROM churned WHERE aid BETWEEN 6000 AND 6100; PREPARE TRANSACTION 'p'",
                // Attributes that come and go.
                "CREATE TABLE changed (a int, gone text, b numeric, alsogone int8, c text);"
                        + " INSERT INTO changed SELECT i, 'gone ' || i, i * 1.50, i, CASE WHEN i % 3 = 0 THEN 'c' || i END"
                        + " FROM generate_series(1, 700) i; ALTER TABLE changed DROP COLUMN gone, DROP COLUMN alsogone,"
                        + " ADD COLUMN d text DEFAULT 'missing', ADD COLUMN e int4[] DEFAULT '{1,NULL,3}', ADD COLUMN f int;"
                        + " INSERT INTO changed SELECT i, 2, NULL, 'd', ARRAY[i, i + 1], i FROM generate_series(1, 300) i;"
                        + " UPDATE changed SET f = 1 WHERE a % 10 = 0",
                // Everything in one table, with its extremes.
                "CREATE TABLE typed (b bool, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, n numeric, p price, m money, o oid,"
                        + " x8 xid8, d date, t time, tz timetz, ts timestamp, tsz timestamptz, iv interval, u uuid, by bytea,"
                        + " tx text, vc varchar(20), bc bpchar(7), nm name, ch \"char\", en mood, ip inet, ci cidr, ma macaddr,"
                        + " m8 macaddr8, bi bit(5), vb varbit, l pg_lsn, ti tid, j json, jb jsonb, h hstore, r int4range,"
                        + " co pair, pt point, bx box, pa path, po polygon, c circle, ls lseg, li line, tv tsvector, tq tsquery,"
                        + " iv2 int2vector, ov oidvector, ai int4[], at text[], an numeric(5,1)[], ad date[], am int4[][], ae mood[],"
                        + " n2 numeric(38, 10), n3 numeric(4, -2), n4 numeric(18, 4))",
                HeapValues.insert("typed", 400),
                "INSERT INTO typed DEFAULT VALUES",
                "UPDATE typed SET i4 = 7 WHERE i2 > 0",
                // Long values: compressed, out of line, both.
                "CREATE TABLE toasted (id int, c text, e text, p text, b bytea);"
                        + " ALTER TABLE toasted ALTER c SET STORAGE main, ALTER e SET STORAGE external, ALTER p SET STORAGE plain;"
                        + " INSERT INTO toasted SELECT i, repeat('compress me ' || i, 300),"
                        + " (SELECT string_agg(md5((i * j)::text), '') FROM generate_series(1, 150) j), 'plain ' || i,"
                        + " decode(md5(i::text), 'hex') FROM generate_series(1, 60) i;"
                        + " UPDATE toasted SET b = 'x' WHERE id % 4 = 0; DELETE FROM toasted WHERE id % 9 = 0",
                // Events as a web site has them: a log in the order of time, of sessions that overlap.
                "CREATE TABLE events (id bigint, at timestamptz, session uuid, person int, kind text, path text, source inet, ms int,"
                        + " amount numeric(12, 2), payload jsonb)",
                "INSERT INTO events SELECT i, timestamptz '2026-01-01' + i * interval '0.7 second' + (hashint4(i) & 524287) * interval '1 us',"
                        + " md5((i / 40 + (hashint4(i) & 31))::text)::uuid, (hashint4(i / 40 + (hashint4(i) & 31)) & 65535),"
                        + " (ARRAY['view', 'view', 'view', 'search', 'click', 'cart', 'buy'])[1 + (hashint4(i + 1) & 1023) % 7],"
                        + " '/shop/' || (ARRAY['shoes', 'coats', 'books', 'toys'])[1 + (hashint4(i + 2) & 3)] || '/' || (hashint4(i + 3) & 4095),"
                        + " ('10.' || (hashint4(i / 40 + (hashint4(i) & 31)) & 255) || '.' || (hashint4(i / 40) & 255) || '.7')::inet,"
                        + " (hashint4(i + 4) & 2047), CASE WHEN i % 9 = 0 THEN (hashint4(i + 5) & 1048575) / 100.0 END,"
                        + " jsonb_build_object('agent', (ARRAY['Firefox/140', 'Chrome/139', 'Safari/19'])[1 + (hashint4(i / 40) & 1023) % 3],"
                        + " 'items', hashint4(i + 6) & 15, 'score', (hashint4(i + 7) & 8191) / 1000.0)"
                        + " FROM generate_series(1, 20000) i",
                "VACUUM (FREEZE) events",
                // Accounts whose balances have moved.
                "CREATE TABLE balances (aid int PRIMARY KEY, bid int, abalance int, filler char(84)) WITH (fillfactor = 100);"
                        + " INSERT INTO balances SELECT i, i / 100000 + 1, (hashint4(i) & 16383) - 8192, '' FROM generate_series(1, 30000) i",
                "VACUUM (FREEZE) balances",
                "CREATE TABLE emptied (a int); INSERT INTO emptied SELECT generate_series(1, 2000)",
                "DELETE FROM emptied WHERE a < 1990",
                "VACUUM (TRUNCATE off) emptied");
    }
}
