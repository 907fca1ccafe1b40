-- B-tree: leaves and upper pages split both ways, posting lists, deletion of entries and of pages, reuse, the root's rise and fall.

-- Ascending, descending and random order.
CREATE TABLE bt_rows(id int, d int, r int, t text, f float8);
CREATE UNIQUE INDEX bt_asc ON bt_rows(id);
CREATE INDEX bt_desc ON bt_rows(d);
CREATE INDEX bt_random ON bt_rows(r);
CREATE INDEX bt_text ON bt_rows(t);
CREATE INDEX bt_covering ON bt_rows(r) INCLUDE (id);
CREATE INDEX bt_float ON bt_rows(f);
INSERT INTO bt_rows SELECT i, -i, i * 7919 % 10007, md5(i::text), i % 50 FROM generate_series(1, 1400) i;

-- Wide keys: few to a page, so a tree of many levels from few rows.
CREATE TABLE bt_wide(id int, t text);
ALTER TABLE bt_wide ALTER t SET STORAGE PLAIN;
CREATE INDEX bt_wide_t ON bt_wide(t);
INSERT INTO bt_wide SELECT i, lpad((i * 7919 % 10007)::text, 1500, 'k') FROM generate_series(1, 450) i;
CREATE TABLE bt_suffix(id int, a int, t text);
ALTER TABLE bt_suffix ALTER t SET STORAGE PLAIN;
CREATE INDEX bt_suffix_t ON bt_suffix(a, t);
INSERT INTO bt_suffix SELECT i, i * 31 % 40, repeat(chr(97 + i % 5), 400) || i FROM generate_series(1, 800) i;

-- Duplicates: deduplication, posting lists, and posting lists split by rows that take freed places.
CREATE TABLE bt_dup(k int, t text, pad text DEFAULT repeat('p', 30));
CREATE INDEX bt_dup_k ON bt_dup(k);
CREATE INDEX bt_dup_t ON bt_dup(t);
--: unchecked
INSERT INTO bt_dup SELECT i % 10, 'text ' || i % 3 FROM generate_series(1, 2000) i;
--: checked
INSERT INTO bt_dup SELECT i % 10, 'text ' || i % 3 FROM generate_series(1, 1000) i;
DELETE FROM bt_dup WHERE ctid IN (SELECT ctid FROM bt_dup ORDER BY md5(ctid::text) LIMIT 900);
VACUUM bt_dup;
INSERT INTO bt_dup SELECT i % 10, 'text ' || i % 3 FROM generate_series(1, 1200) i;
DELETE FROM bt_dup WHERE ctid IN (SELECT ctid FROM bt_dup ORDER BY md5('x' || ctid::text) LIMIT 500);
VACUUM bt_dup;
INSERT INTO bt_dup SELECT i % 4, 'text ' || i % 7 FROM generate_series(1, 700) i;
CREATE TABLE bt_nulls(k int UNIQUE, v int);
INSERT INTO bt_nulls SELECT NULL, i FROM generate_series(1, 900) i;

-- Entries that scans found dead go when their page is full.
CREATE TABLE bt_kill(k int, v int, pad text DEFAULT repeat('p', 60));
CREATE INDEX bt_kill_k ON bt_kill(k);
INSERT INTO bt_kill SELECT i % 300, i FROM generate_series(1, 900) i;
DELETE FROM bt_kill WHERE v % 2 = 0;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT count(v) FROM bt_kill WHERE k BETWEEN 0 AND 300;
INSERT INTO bt_kill SELECT i % 300, i FROM generate_series(1, 900) i;
-- Versions of rows: bottom-up deletion.
CREATE TABLE bt_churn(id int PRIMARY KEY, a int, b text) WITH (fillfactor = 50);
CREATE INDEX bt_churn_a ON bt_churn(a);
CREATE INDEX bt_churn_b ON bt_churn(b);
INSERT INTO bt_churn SELECT i, i, 'b' || i % 5 FROM generate_series(1, 110) i;
DO $$ BEGIN FOR i IN 1..25 LOOP UPDATE bt_churn SET a = a + 1; COMMIT; END LOOP; END $$;
RESET enable_seqscan;
RESET enable_bitmapscan;

-- Pages deleted, one by one and in whole subtrees; kept back by a snapshot, then reused.
DELETE FROM bt_rows WHERE id BETWEEN 200 AND 1000;
VACUUM bt_rows;
--: session b
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT 1;
--: session a
DELETE FROM bt_wide WHERE lpad('2000', 1500, 'k') < t AND t < lpad('8000', 1500, 'k');
VACUUM bt_wide;
--: session b
COMMIT;
--: session a
VACUUM bt_wide;
INSERT INTO bt_wide SELECT i, lpad((i * 7919 % 10007)::text, 1500, 'k') FROM generate_series(451, 600) i;
VACUUM bt_rows;
INSERT INTO bt_rows SELECT i, -i, i * 7919 % 10007, md5(i::text), i % 50 FROM generate_series(200, 500) i;
-- Of the whole tree one page stays: the root that searches start from moves down, and up again.
DELETE FROM bt_wide WHERE t < (SELECT max(t) FROM bt_wide);
VACUUM bt_wide;
SELECT pg_current_xact_id();
VACUUM bt_wide;
INSERT INTO bt_wide SELECT i, lpad((i + 50000)::text, 1500, 'm') FROM generate_series(1, 150) i;
DELETE FROM bt_wide;
VACUUM bt_wide;
SELECT pg_current_xact_id();
VACUUM bt_wide;
INSERT INTO bt_wide SELECT i, lpad(i::text, 1500, 'a') FROM generate_series(1, 60) i;
DELETE FROM bt_suffix WHERE a BETWEEN 5 AND 35;
VACUUM bt_suffix;
SELECT pg_current_xact_id();
VACUUM bt_suffix;
INSERT INTO bt_suffix SELECT i, i * 31 % 40, repeat(chr(97 + i % 5), 400) || i FROM generate_series(1, 400) i;

-- Indexes built over rows that are there.
CREATE INDEX CONCURRENTLY bt_rows_again ON bt_rows(t, id);
REINDEX INDEX CONCURRENTLY bt_rows_again;
REINDEX TABLE bt_dup;
CREATE INDEX bt_partial ON bt_rows(id) WHERE r % 2 = 0;
CREATE INDEX bt_plain ON bt_dup(k) WITH (deduplicate_items = off, fillfactor = 90);
INSERT INTO bt_dup SELECT i % 10, 'text ' || i % 3 FROM generate_series(1, 300) i;
