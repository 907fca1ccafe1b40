-- Hash: buckets split, overflow pages come and go, dead entries go on the way.
SET enable_seqscan = off;
SET enable_bitmapscan = off;

CREATE TABLE hash_rows(id int, t text);
CREATE INDEX hash_rows_id ON hash_rows USING hash(id);
CREATE INDEX hash_rows_t ON hash_rows USING hash(t);
INSERT INTO hash_rows SELECT i, md5(i::text) FROM generate_series(1, 1600) i;
DELETE FROM hash_rows WHERE id % 3 = 0;
VACUUM hash_rows;
INSERT INTO hash_rows SELECT i, md5(i::text) FROM generate_series(1, 700) i;

-- Many equal keys: chains of overflow pages, which are packed when entries of all of them went.
CREATE TABLE hash_dup(k int, v int);
CREATE INDEX hash_dup_k ON hash_dup USING hash(k);
--: unchecked
INSERT INTO hash_dup SELECT i % 3, i FROM generate_series(1, 3500) i;
--: checked
INSERT INTO hash_dup SELECT i % 3, i FROM generate_series(3501, 4500) i;
DELETE FROM hash_dup WHERE v % 5 < 2;
VACUUM hash_dup;
INSERT INTO hash_dup SELECT i % 4, i FROM generate_series(4501, 5500) i;
DELETE FROM hash_dup WHERE v % 7 < 3;
VACUUM hash_dup;
DELETE FROM hash_dup WHERE k = 1;
VACUUM hash_dup;
-- Distinct keys beside the long chains: chains are split too.
INSERT INTO hash_dup SELECT i, i FROM generate_series(10, 1300) i;
DELETE FROM hash_dup WHERE v % 11 = 0;
VACUUM hash_dup;

-- Entries that a scan found dead go when their page is full.
CREATE TABLE hash_kill(k int, v int);
CREATE INDEX hash_kill_k ON hash_kill USING hash(k);
INSERT INTO hash_kill SELECT 1, i FROM generate_series(1, 400) i;
DELETE FROM hash_kill WHERE v % 2 = 0;
SELECT count(v) FROM hash_kill WHERE k = 1;
INSERT INTO hash_kill SELECT 1, i FROM generate_series(1, 300) i;
DELETE FROM hash_kill WHERE v % 3 = 0;
SELECT count(v) FROM hash_kill WHERE k = 1;
INSERT INTO hash_kill SELECT 1, i FROM generate_series(1, 600) i;
DELETE FROM hash_kill;
SELECT count(v) FROM hash_kill WHERE k = 1;
INSERT INTO hash_kill SELECT 1, i FROM generate_series(1, 800) i;
VACUUM hash_kill;

-- Built over rows, with many buckets from the start, and grown from there.
CREATE INDEX hash_rows_built ON hash_rows USING hash(id) WITH (fillfactor = 10);
INSERT INTO hash_rows SELECT i, md5(i::text) FROM generate_series(5001, 5300) i;
CREATE UNLOGGED TABLE hash_unlogged(k int);
CREATE INDEX hash_unlogged_k ON hash_unlogged USING hash(k);
RESET enable_seqscan;
RESET enable_bitmapscan;
