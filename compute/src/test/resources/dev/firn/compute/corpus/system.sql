-- Databases, tablespaces, origins, messages, and what the server says about itself.
CREATE DATABASE db_copied STRATEGY file_copy;
CREATE DATABASE db_logged STRATEGY wal_log;
--: database db_copied
CREATE TABLE in_copied(id int PRIMARY KEY, t text);
INSERT INTO in_copied SELECT i, md5(i::text) FROM generate_series(1, 500) i;
VACUUM in_copied;
VACUUM FULL pg_class;
--: database db_logged
CREATE TABLE in_logged(id int PRIMARY KEY, t text);
INSERT INTO in_logged SELECT i, md5(i::text) FROM generate_series(1, 500) i;
VACUUM (FREEZE) in_logged;
--: database postgres
CREATE DATABASE db_copy_of_copied TEMPLATE db_copied STRATEGY file_copy;
CREATE DATABASE db_log_of_logged TEMPLATE db_logged STRATEGY wal_log;
CREATE DATABASE db_gone STRATEGY wal_log;
DROP DATABASE db_gone;
DROP DATABASE db_copied;

-- In the data directory, so that a replay elsewhere has tablespaces of its own.
SET allow_in_place_tablespaces = on;
CREATE TABLESPACE ts_one LOCATION '';
CREATE TABLESPACE ts_two LOCATION '';
CREATE TABLESPACE ts_gone LOCATION '';
CREATE TABLE ts_rows(id int PRIMARY KEY, t text) TABLESPACE ts_one;
INSERT INTO ts_rows SELECT i, md5(i::text) FROM generate_series(1, 500) i;
ALTER TABLE ts_rows SET TABLESPACE ts_two;
ALTER INDEX ts_rows_pkey SET TABLESPACE ts_one;
UPDATE ts_rows SET t = 'moved' WHERE id % 3 = 0;
CREATE TABLE ts_away(id int) TABLESPACE ts_gone;
INSERT INTO ts_away SELECT generate_series(1, 100);
DROP TABLE ts_away;
DROP TABLESPACE ts_gone;
CREATE DATABASE db_in_one TABLESPACE ts_one STRATEGY wal_log;
CREATE DATABASE db_in_two TABLESPACE ts_two STRATEGY file_copy;
ALTER DATABASE db_in_one SET TABLESPACE ts_two;
--: database db_in_one
CREATE TABLE in_tablespace(id int PRIMARY KEY);
INSERT INTO in_tablespace SELECT generate_series(1, 300);
--: database postgres
DROP DATABASE db_in_two;

SELECT pg_replication_origin_create('origin one');
SELECT pg_replication_origin_create('origin two');
SELECT pg_replication_origin_session_setup('origin one');
CREATE TABLE or_rows(id int);
BEGIN;
INSERT INTO or_rows VALUES (1);
SELECT pg_replication_origin_xact_setup('0/12345678', '2020-02-02 00:00:00+00');
COMMIT;
BEGIN;
INSERT INTO or_rows VALUES (2);
SELECT pg_replication_origin_xact_setup('0/12345679', '2020-02-02 00:00:00+00');
PREPARE TRANSACTION 'of origin';
COMMIT PREPARED 'of origin';
BEGIN;
INSERT INTO or_rows VALUES (3);
ROLLBACK;
SELECT pg_replication_origin_session_reset();
SELECT pg_replication_origin_advance('origin two', '0/ABCDEF0');
SELECT pg_replication_origin_create('origin three');
SELECT pg_replication_origin_advance('origin three', '0/ABCDEF0');
SELECT pg_replication_origin_drop('origin three');

SELECT pg_logical_emit_message(true, 'large', repeat('z', 3000000));
SELECT pg_logical_emit_message(false, 'small', 'q');
SELECT pg_logical_emit_message(true, '', '');
SELECT pg_create_restore_point('a point to return to');
SELECT pg_switch_wal();
SELECT pg_backup_start('corpus', true);
INSERT INTO or_rows VALUES (4);
SELECT pg_backup_stop(false);
