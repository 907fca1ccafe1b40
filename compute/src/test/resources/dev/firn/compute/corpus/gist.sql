-- GiST: inserts and splits of points, ranges and text vectors, dead entries dropped on the way, pages deleted and reused.

CREATE TABLE gist_points(id int, p point);
CREATE INDEX gist_points_p ON gist_points USING gist(p);
INSERT INTO gist_points SELECT i, point(i * 7919 % 10007, i * 104729 % 10009) FROM generate_series(1, 1600) i;
CREATE TABLE gist_ranges(id int, r int4range);
CREATE INDEX gist_ranges_r ON gist_ranges USING gist(r);
INSERT INTO gist_ranges SELECT i, int4range(i * 31 % 5000, i * 31 % 5000 + 1 + i % 50) FROM generate_series(1, 1000) i;
INSERT INTO gist_ranges SELECT i, 'empty' FROM generate_series(1, 400) i;
CREATE TABLE gist_text(id int, t tsvector);
CREATE INDEX gist_text_t ON gist_text USING gist(t tsvector_ops(siglen = 300));
INSERT INTO gist_text SELECT i, to_tsvector('simple', md5(i::text) || ' ' || md5((i + 1)::text)) FROM generate_series(1, 300) i;
-- Wide keys: many levels, splits into more than two pages.
CREATE TABLE gist_polygons(id int, p polygon);
CREATE INDEX gist_polygons_p ON gist_polygons USING gist(p);
INSERT INTO gist_polygons SELECT i, polygon(8, circle(point(i * 37 % 1000, i * 91 % 1000), 3)) FROM generate_series(1, 700) i;
CREATE TABLE gist_exclude(r int4range, EXCLUDE USING gist (r WITH &&));
INSERT INTO gist_exclude SELECT int4range(i * 2, i * 2 + 1) FROM generate_series(1, 400) i;

UPDATE gist_points SET p = point(id, id) WHERE id % 9 = 0;
-- Dead entries that scans marked go before a page is split. Without images: see gist-kill.sql.
SET enable_seqscan = off;
SET enable_bitmapscan = off;
DELETE FROM gist_points WHERE id % 2 = 0;
SELECT count(id) FROM gist_points WHERE p <@ box '(0,0),(20000,20000)';
--: unchecked
INSERT INTO gist_points SELECT i, point(i * 7919 % 10007, i * 104729 % 10009) FROM generate_series(1, 800) i;
--: checked
RESET enable_seqscan;
RESET enable_bitmapscan;

-- Vacuum empties pages, deletes them, and inserts reuse them once nobody may see them.
DELETE FROM gist_points WHERE id % 3 = 1;
VACUUM gist_points;
DELETE FROM gist_ranges WHERE r && '[500,4000)';
VACUUM gist_ranges;
DELETE FROM gist_polygons WHERE id > 40;
VACUUM gist_polygons;
DELETE FROM gist_points WHERE p <@ box '(0,0),(6000,20000)';
VACUUM gist_points;
VACUUM gist_ranges;
VACUUM gist_polygons;
SELECT pg_current_xact_id();
INSERT INTO gist_points SELECT i, point(1, 1) FROM generate_series(1, 10) i;
DELETE FROM gist_points WHERE p ~= point(1, 1);
VACUUM gist_points;
DELETE FROM gist_ranges WHERE id % 50 = 0;
VACUUM gist_ranges;
DELETE FROM gist_polygons WHERE id % 20 = 0;
VACUUM gist_polygons;
INSERT INTO gist_points SELECT i, point(i * 7919 % 10007, i * 104729 % 10009) FROM generate_series(1, 1200) i;
INSERT INTO gist_ranges SELECT i, int4range(i * 31 % 5000, i * 31 % 5000 + 1 + i % 50) FROM generate_series(1, 600) i;
INSERT INTO gist_polygons SELECT i, polygon(8, circle(point(i * 37 % 1000, i * 91 % 1000), 3)) FROM generate_series(1, 300) i;
DELETE FROM gist_text;
VACUUM gist_text;
INSERT INTO gist_text SELECT i, to_tsvector('simple', md5(i::text)) FROM generate_series(1, 60) i;

-- Built over rows: sorted, and by insertion with buffers.
CREATE INDEX gist_points_sorted ON gist_points USING gist(p);
CREATE INDEX gist_points_buffered ON gist_points USING gist(p) WITH (buffering = on, fillfactor = 50);
INSERT INTO gist_points SELECT i, point(i, -i) FROM generate_series(1, 300) i;
CREATE UNLOGGED TABLE gist_unlogged(p point);
CREATE INDEX gist_unlogged_p ON gist_unlogged USING gist(p);
