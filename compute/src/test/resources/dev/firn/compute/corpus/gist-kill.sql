-- GiST entries that scans marked dead go before a page is split. Redo of that sets a flag that the primary does not, and that the mask
-- does not hide, so stock Postgres itself stops at the images of such records: they are in no other script.
CREATE TABLE gist_dead(id int, p point);
CREATE INDEX gist_dead_p ON gist_dead USING gist(p);
INSERT INTO gist_dead SELECT i, point(i * 7919 % 10007, i * 104729 % 10009) FROM generate_series(1, 1600) i;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
DELETE FROM gist_dead WHERE id % 2 = 0;
SELECT count(id) FROM gist_dead WHERE p <@ box '(0,0),(20000,20000)';
INSERT INTO gist_dead SELECT i, point(i * 7919 % 10007, i * 104729 % 10009) FROM generate_series(1, 1200) i;
DELETE FROM gist_dead WHERE id % 3 = 0;
SELECT count(id) FROM gist_dead WHERE p <@ box '(0,0),(20000,20000)';
INSERT INTO gist_dead SELECT i, point(i * 7919 % 10007, i * 104729 % 10009) FROM generate_series(1, 1200) i;
