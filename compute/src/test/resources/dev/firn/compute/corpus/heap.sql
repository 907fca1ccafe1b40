-- Heap: every kind of insert, update, lock and delete, and what pruning, vacuum and freezing make of the rows.

CREATE TABLE heap_rows(id int PRIMARY KEY, k int, t text, n numeric) WITH (fillfactor = 70);
CREATE INDEX heap_rows_k ON heap_rows(k);
INSERT INTO heap_rows SELECT i, i % 7, repeat(md5(i::text), i % 9), NULL FROM generate_series(1, 400) i;
DO $$ BEGIN FOR i IN 401..520 LOOP INSERT INTO heap_rows VALUES (i, i, md5(i::text), i / 7.0); COMMIT; END LOOP; END $$;

-- Many rows in a record; rows that came frozen.
CREATE TABLE heap_copied(id int, filler text DEFAULT 'filler');
COPY heap_copied(id) FROM PROGRAM 'seq 1 3000';
BEGIN;
TRUNCATE heap_copied;
COPY heap_copied(id) FROM PROGRAM 'seq 1 3000' WITH (FREEZE);
COMMIT;
COPY heap_copied(id) FROM PROGRAM 'seq 3001 3010';
CREATE TABLE heap_made AS SELECT i, md5(i::text) m FROM generate_series(1, 1000) i;

-- Updates on the same page, HOT and not, with long and short common prefixes and suffixes.
UPDATE heap_rows SET t = t || 'x' WHERE id % 5 = 0;
UPDATE heap_rows SET k = k + 1 WHERE id % 11 = 0;
UPDATE heap_rows SET n = 1 WHERE id % 13 = 0;
UPDATE heap_rows SET t = NULL WHERE id % 17 = 0;
UPDATE heap_rows SET t = 'a' || t || 'b' WHERE id % 19 = 0;
-- To other pages, and to new ones.
UPDATE heap_rows SET t = repeat(md5(id::text), 40) WHERE id % 3 = 0;
UPDATE heap_rows SET t = repeat('z', 1900) WHERE id % 23 = 0;
CREATE TABLE heap_wide(id int PRIMARY KEY, a text, b text);
ALTER TABLE heap_wide ALTER a SET STORAGE PLAIN, ALTER b SET STORAGE PLAIN;
INSERT INTO heap_wide SELECT i, repeat('a', 3000), repeat('b', 900) FROM generate_series(1, 20) i;
UPDATE heap_wide SET a = repeat('c', 7000) WHERE id % 4 = 0;
UPDATE heap_wide SET b = repeat('d', 7000), a = NULL WHERE id % 5 = 0;

-- A chain of HOT updates in transactions of their own: pages are pruned on the way.
DO $$ BEGIN FOR i IN 1..300 LOOP UPDATE heap_rows SET n = i WHERE id = 1 + i % 3; COMMIT; END LOOP; END $$;
DO $$ BEGIN FOR i IN 1..150 LOOP UPDATE heap_rows SET k = i WHERE id = 10 + i % 3; COMMIT; END LOOP; END $$;
-- Pruning of rows whose transaction failed.
BEGIN;
UPDATE heap_rows SET n = -1;
INSERT INTO heap_rows SELECT 9000 + i, 1, 'gone' FROM generate_series(1, 100) i;
ROLLBACK;
SELECT count(*) FROM heap_rows;
UPDATE heap_rows SET n = 5 WHERE id % 2 = 0;
SELECT count(*) FROM heap_rows WHERE t > '';

-- Locks of all strengths, and updates and deletes of what is locked.
BEGIN;
SELECT id FROM heap_rows WHERE id BETWEEN 20 AND 40 FOR UPDATE;
SELECT id FROM heap_rows WHERE id BETWEEN 30 AND 50 FOR NO KEY UPDATE;
SELECT id FROM heap_rows WHERE id BETWEEN 40 AND 60 FOR SHARE;
SELECT id FROM heap_rows WHERE id BETWEEN 50 AND 70 FOR KEY SHARE;
SAVEPOINT s;
SELECT id FROM heap_rows WHERE id BETWEEN 20 AND 70 FOR UPDATE;
ROLLBACK TO s;
UPDATE heap_rows SET n = 77 WHERE id BETWEEN 25 AND 35;
SAVEPOINT s2;
UPDATE heap_rows SET n = 78 WHERE id BETWEEN 25 AND 28;
DELETE FROM heap_rows WHERE id BETWEEN 29 AND 30;
COMMIT;

-- Several lockers of a row: multixacts, also of updated rows, whose newer versions are locked too.
--: session b
BEGIN;
SELECT id FROM heap_rows WHERE id BETWEEN 100 AND 140 FOR KEY SHARE;
--: session a
BEGIN;
SELECT id FROM heap_rows WHERE id BETWEEN 100 AND 120 FOR SHARE;
UPDATE heap_rows SET n = 100 WHERE id BETWEEN 120 AND 130;
UPDATE heap_rows SET n = 101 WHERE id BETWEEN 125 AND 130;
--: session c
BEGIN;
SELECT id FROM heap_rows WHERE id BETWEEN 100 AND 140 FOR KEY SHARE;
--: session d
BEGIN;
SELECT id FROM heap_rows WHERE id BETWEEN 100 AND 140 FOR KEY SHARE;
--: session a
COMMIT;
--: session c
ROLLBACK;
--: session b
COMMIT;
--: session d
SELECT id FROM heap_rows WHERE id BETWEEN 128 AND 135 FOR NO KEY UPDATE;
COMMIT;
--: session a
-- Freezing of rows that multixacts hold: finished, half finished, with a living updater.
--: session b
BEGIN;
SELECT id FROM heap_rows WHERE id BETWEEN 200 AND 230 FOR KEY SHARE;
--: session a
BEGIN;
UPDATE heap_rows SET n = 200 WHERE id BETWEEN 210 AND 220;
COMMIT;
BEGIN;
SELECT id FROM heap_rows WHERE id BETWEEN 221 AND 230 FOR SHARE;
COMMIT;
SET vacuum_multixact_freeze_min_age = 0;
VACUUM (FREEZE) heap_rows;
--: session b
COMMIT;
--: session a
VACUUM (FREEZE) heap_rows;
RESET vacuum_multixact_freeze_min_age;

-- Visibility: set by vacuum, frozen or not, taken back by every kind of change.
CREATE TABLE heap_visible(id int PRIMARY KEY, v int, t text) WITH (fillfactor = 80);
INSERT INTO heap_visible SELECT i, i, repeat('v', 20) FROM generate_series(1, 3000) i;
VACUUM heap_visible;
INSERT INTO heap_visible VALUES (5001, 1, 'one');
UPDATE heap_visible SET v = 0 WHERE id = 1;
DELETE FROM heap_visible WHERE id = 300;
SELECT * FROM heap_visible WHERE id = 600 FOR UPDATE;
UPDATE heap_visible SET t = repeat('w', 2000) WHERE id = 900;
VACUUM (FREEZE, DISABLE_PAGE_SKIPPING) heap_visible;
INSERT INTO heap_visible VALUES (5002, 1, 'one');
UPDATE heap_visible SET v = 0 WHERE id = 2;
DELETE FROM heap_visible WHERE id = 301;
SELECT * FROM heap_visible WHERE id = 601 FOR UPDATE;
SELECT * FROM heap_visible WHERE id = 1200 FOR KEY SHARE;
UPDATE heap_visible SET t = repeat('w', 2000) WHERE id = 901;
COPY heap_visible(id) FROM PROGRAM 'seq 6001 6100';
CHECKPOINT;
VACUUM (FREEZE) heap_visible;
-- First changes of pages after a checkpoint, whose visibility changes with them.
CHECKPOINT;
UPDATE heap_visible SET v = -1 WHERE id % 100 = 0;
DELETE FROM heap_visible WHERE id % 101 = 0;

-- Vacuum: with indexes, without, and of a table's tail, which is cut off.
DELETE FROM heap_rows WHERE id % 4 = 1;
VACUUM heap_rows;
DELETE FROM heap_copied WHERE id % 3 = 0;
VACUUM heap_copied;
INSERT INTO heap_copied(id) SELECT i FROM generate_series(1, 200) i;
DELETE FROM heap_copied WHERE id > 1500;
VACUUM (TRUNCATE) heap_copied;
DELETE FROM heap_visible WHERE id > 100;
VACUUM (TRUNCATE) heap_visible;
DELETE FROM heap_visible;
VACUUM (TRUNCATE) heap_visible;
INSERT INTO heap_visible SELECT i, i, 'again' FROM generate_series(1, 50) i;
VACUUM (INDEX_CLEANUP off) heap_rows;
DELETE FROM heap_rows WHERE id % 6 = 2;
VACUUM (INDEX_CLEANUP off) heap_rows;
VACUUM (INDEX_CLEANUP on) heap_rows;

-- Insertion under a speculative token: kept, found in conflict before, and taken back.
INSERT INTO heap_rows SELECT i, i, 'upsert' FROM generate_series(480, 560) i ON CONFLICT (id) DO UPDATE SET t = 'conflict';
INSERT INTO heap_rows SELECT i, i, 'upsert' FROM generate_series(550, 580) i ON CONFLICT DO NOTHING;
CREATE FUNCTION heap_gate(v text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    -- The first call of a session looks for a conflict; the second, which makes the index entry, waits.
    PERFORM set_config('corpus.calls', (current_setting('corpus.calls', true)::int + 1)::text, false);
    IF current_setting('corpus.calls')::int = 2 THEN
        PERFORM pg_advisory_lock_shared(4711);
    END IF;
    RETURN v;
END $$;
SET corpus.calls = 10;
CREATE TABLE heap_speculative(v text, big text);
ALTER TABLE heap_speculative ALTER big SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX heap_speculative_v ON heap_speculative(heap_gate(v));
SELECT pg_advisory_lock(4711);
--: session b
SET corpus.calls = 0;
--: background
INSERT INTO heap_speculative VALUES ('same', repeat('big', 3000)) ON CONFLICT DO NOTHING;
--: session a
--: until SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted
INSERT INTO heap_speculative VALUES ('same', 'first') ON CONFLICT DO NOTHING;
SELECT pg_advisory_unlock(4711);
--: join b
DROP INDEX heap_speculative_v;
DROP FUNCTION heap_gate;

-- TOAST, of all storages, with updates that keep and that change it.
CREATE TABLE heap_toast(id int PRIMARY KEY, e text, x text, m text);
ALTER TABLE heap_toast ALTER e SET STORAGE EXTERNAL, ALTER m SET STORAGE MAIN;
INSERT INTO heap_toast SELECT i, repeat(md5(i::text), 300), repeat(md5(i::text), 500), repeat('m', 9000) FROM generate_series(1, 8) i;
UPDATE heap_toast SET m = 'short' WHERE id % 2 = 0;
UPDATE heap_toast SET e = repeat(md5('e' || id::text), 400) WHERE id % 3 = 0;
DELETE FROM heap_toast WHERE id = 4;
VACUUM heap_toast;

-- Columns dropped and added, rows of many NULLs, rows of no columns.
ALTER TABLE heap_rows DROP COLUMN n;
ALTER TABLE heap_rows ADD COLUMN extra int DEFAULT 5, ADD COLUMN later timestamptz;
UPDATE heap_rows SET extra = 6 WHERE id % 10 = 0;
CREATE TABLE heap_empty();
INSERT INTO heap_empty DEFAULT VALUES;
INSERT INTO heap_empty SELECT FROM generate_series(1, 600);
DELETE FROM heap_empty WHERE ctid < '(0,100)';
VACUUM heap_empty;
SELECT format('CREATE TABLE heap_many(%s)', string_agg('c' || i || ' int', ', ')) FROM generate_series(1, 1000) i;
--: execute result
INSERT INTO heap_many(c1, c500, c1000) SELECT i, i, i FROM generate_series(1, 40) i;
UPDATE heap_many SET c2 = c1, c999 = 7;
INSERT INTO heap_many(c3) SELECT i FROM generate_series(1, 40) i;

-- Whole tables written anew, and statistics written in place.
VACUUM FULL heap_rows;
CLUSTER heap_wide USING heap_wide_pkey;
ANALYZE heap_rows;
CREATE MATERIALIZED VIEW heap_view AS SELECT * FROM heap_visible;
REFRESH MATERIALIZED VIEW heap_view;
CREATE UNLOGGED TABLE heap_unlogged(id int PRIMARY KEY);
INSERT INTO heap_unlogged SELECT generate_series(1, 100);
ALTER TABLE heap_unlogged SET LOGGED;
ALTER TABLE heap_unlogged SET UNLOGGED;
TRUNCATE heap_made;
INSERT INTO heap_made SELECT i, 'new' FROM generate_series(1, 20) i;
BEGIN;
CREATE TABLE heap_never(id int PRIMARY KEY, t text);
INSERT INTO heap_never SELECT i, 'x' FROM generate_series(1, 100) i;
ROLLBACK;
DROP TABLE heap_many;
