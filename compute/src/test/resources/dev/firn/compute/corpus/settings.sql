-- Settings that the log carries, and images for hint bits.
ALTER SYSTEM SET full_page_writes = off;
SELECT pg_reload_conf();
--: until SELECT current_setting('full_page_writes') = 'off'
CHECKPOINT;
CREATE TABLE set_rows(id int PRIMARY KEY, t text);
INSERT INTO set_rows SELECT i, md5(i::text) FROM generate_series(1, 1000) i;
UPDATE set_rows SET t = t || 'x' WHERE id % 3 = 0;
CHECKPOINT;
UPDATE set_rows SET t = t || 'y' WHERE id % 5 = 0;
DELETE FROM set_rows WHERE id % 7 = 0;
VACUUM set_rows;
ALTER SYSTEM RESET full_page_writes;
SELECT pg_reload_conf();
--: until SELECT current_setting('full_page_writes') = 'on'
CHECKPOINT;
INSERT INTO set_rows SELECT i, md5(i::text) FROM generate_series(2001, 3000) i;
CHECKPOINT;
-- First seen after the checkpoint, the rows get their hint bits now.
SELECT count(*) FROM set_rows;
SELECT count(*) FROM set_rows WHERE id BETWEEN 2001 AND 2100;
UPDATE set_rows SET t = 'z' WHERE id % 11 = 0;
SELECT count(*) FROM set_rows;
CHECKPOINT;
SELECT count(*) FROM set_rows;
-- Images of pages without a hole in the middle, and of new ones.
CREATE TABLE set_full(t text);
ALTER TABLE set_full ALTER t SET STORAGE PLAIN;
INSERT INTO set_full SELECT repeat(md5(i::text), 63) FROM generate_series(1, 40) i;
CHECKPOINT;
UPDATE set_full SET t = upper(t);
CREATE INDEX set_full_t ON set_full(substr(t, 1, 10));
