-- Transactions: nested, prepared, aborted, dropping files; relation maps; objects made and gone.
CREATE TABLE tx_rows(id int PRIMARY KEY, v text);
INSERT INTO tx_rows SELECT i, 'first' FROM generate_series(1, 200) i;

-- Nested: more than the 64 that a process keeps in shared memory, some rolled back, and deep ones.
DO $$ BEGIN
    FOR i IN 1..200 LOOP
        BEGIN
            INSERT INTO tx_rows VALUES (1000 + i, 'nested');
            IF i % 5 = 0 THEN RAISE division_by_zero; END IF;
        EXCEPTION WHEN division_by_zero THEN NULL;
        END;
    END LOOP;
END $$;
BEGIN;
SAVEPOINT a;
INSERT INTO tx_rows VALUES (2001, 'a');
SAVEPOINT b;
INSERT INTO tx_rows VALUES (2002, 'b');
SAVEPOINT c;
INSERT INTO tx_rows VALUES (2003, 'c');
ROLLBACK TO b;
CREATE TABLE tx_nested_gone(i int);
INSERT INTO tx_nested_gone VALUES (1);
ROLLBACK TO a;
INSERT INTO tx_rows VALUES (2004, 'd');
COMMIT;
BEGIN;
SAVEPOINT a;
DELETE FROM tx_rows WHERE id < 20;
ROLLBACK;

-- Prepared: committed, rolled back, dropping and making relations, with nested ones, across a checkpoint.
BEGIN;
INSERT INTO tx_rows VALUES (3001, 'prepared');
PREPARE TRANSACTION 'one';
COMMIT PREPARED 'one';
BEGIN;
INSERT INTO tx_rows VALUES (3002, 'prepared');
SAVEPOINT a;
INSERT INTO tx_rows VALUES (3003, 'prepared');
SAVEPOINT b;
INSERT INTO tx_rows VALUES (3004, 'prepared');
ROLLBACK TO b;
PREPARE TRANSACTION 'two';
CHECKPOINT;
ROLLBACK PREPARED 'two';
CREATE TABLE tx_dropped(id int PRIMARY KEY, t text);
INSERT INTO tx_dropped SELECT i, 't' FROM generate_series(1, 300) i;
BEGIN;
DROP TABLE tx_dropped;
CREATE TABLE tx_made(id serial PRIMARY KEY, t text);
INSERT INTO tx_made(t) SELECT 't' FROM generate_series(1, 300) i;
SELECT id FROM tx_rows WHERE id BETWEEN 50 AND 60 FOR SHARE;
PREPARE TRANSACTION 'three';
CHECKPOINT;
COMMIT PREPARED 'three';
BEGIN;
CREATE TABLE tx_unmade(id serial PRIMARY KEY, t text);
INSERT INTO tx_unmade(t) SELECT 't' FROM generate_series(1, 300) i;
TRUNCATE tx_made;
PREPARE TRANSACTION 'four';
ROLLBACK PREPARED 'four';
BEGIN;
DO $$ BEGIN FOR i IN 1..100 LOOP BEGIN INSERT INTO tx_rows VALUES (4000 + i, 'p'); EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP; END $$;
PREPARE TRANSACTION 'five';
COMMIT PREPARED 'five';

-- Files made and gone, with and without their transaction; truncation within and without one.
BEGIN;
CREATE TABLE tx_aborted(id int PRIMARY KEY, t text);
INSERT INTO tx_aborted SELECT i, repeat('t', 5000) FROM generate_series(1, 20) i;
ROLLBACK;
CREATE TABLE tx_cut(id int, t text);
CREATE INDEX tx_cut_id ON tx_cut(id);
INSERT INTO tx_cut SELECT i, 'row' FROM generate_series(1, 2000) i;
TRUNCATE tx_cut;
BEGIN;
INSERT INTO tx_cut SELECT i, 'row' FROM generate_series(1, 100) i;
TRUNCATE tx_cut;
INSERT INTO tx_cut SELECT i, 'row' FROM generate_series(1, 50) i;
COMMIT;
DROP TABLE tx_cut;
SET synchronous_commit = off;
INSERT INTO tx_rows VALUES (5001, 'not waited for');
SET synchronous_commit = remote_apply;
INSERT INTO tx_rows VALUES (5002, 'not waited for');
RESET synchronous_commit;
BEGIN;
LOCK TABLE tx_rows IN ACCESS EXCLUSIVE MODE;
LOCK TABLE tx_made IN ACCESS EXCLUSIVE MODE;
INSERT INTO tx_rows VALUES (5003, 'locked');
COMMIT;

-- Catalogs whose files the relation maps name, of the database and of all.
VACUUM FULL pg_class;
VACUUM FULL pg_database;
REINDEX TABLE pg_class;
REINDEX TABLE pg_tablespace;
VACUUM FULL pg_type;
VACUUM (FREEZE) pg_proc;
DELETE FROM tx_rows WHERE id > 1000;
VACUUM tx_rows;

-- Catalog changes of many kinds.
CREATE SCHEMA tx_schema;
CREATE TYPE tx_schema.mood AS ENUM ('sad', 'ok');
ALTER TYPE tx_schema.mood ADD VALUE 'happy';
CREATE TABLE tx_schema.parts(id int, at date) PARTITION BY RANGE (id);
CREATE TABLE tx_schema.part1 PARTITION OF tx_schema.parts FOR VALUES FROM (0) TO (100);
CREATE TABLE tx_schema.part2 PARTITION OF tx_schema.parts FOR VALUES FROM (100) TO (200);
CREATE INDEX ON tx_schema.parts(id);
INSERT INTO tx_schema.parts SELECT i, '2020-01-01' FROM generate_series(0, 199) i;
ALTER TABLE tx_schema.parts DETACH PARTITION tx_schema.part2;
COMMENT ON TABLE tx_rows IS 'a comment';
CREATE ROLE tx_role;
GRANT SELECT ON tx_rows TO tx_role;
CREATE STATISTICS tx_stats ON id, v FROM tx_rows;
ANALYZE;
DROP STATISTICS tx_stats;
REVOKE ALL ON tx_rows FROM tx_role;
DROP ROLE tx_role;
DROP SCHEMA tx_schema CASCADE;
SELECT lo_from_bytea(70000, repeat('large object ', 2000)::bytea);
SELECT lo_put(70000, 5000, 'patched');
SELECT lo_truncate(lo_open(70000, 131072), 300);
