-- SP-GiST: quad tree, k-d tree, radix tree and inet tree; leaves added and moved, nodes added, prefixes split, pages picked apart; vacuum.

CREATE TABLE sp_points(id int, p point);
CREATE INDEX sp_points_quad ON sp_points USING spgist(p);
CREATE INDEX sp_points_kd ON sp_points USING spgist(p kd_point_ops);
INSERT INTO sp_points SELECT i, point(i * 7919 % 10007, i * 104729 % 10009) FROM generate_series(1, 1300) i;
-- All the same: nodes that don't tell values apart.
INSERT INTO sp_points SELECT i, point(5, 5) FROM generate_series(1, 700) i;
CREATE TABLE sp_text(id int, t text);
CREATE INDEX sp_text_t ON sp_text USING spgist(t);
INSERT INTO sp_text SELECT i, 'common prefix ' || i % 10 || md5(i::text) FROM generate_series(1, 900) i;
INSERT INTO sp_text SELECT i, 'common ' || i FROM generate_series(1, 100) i;
INSERT INTO sp_text SELECT i, 'other ' || repeat('deep ', 60) || i FROM generate_series(1, 150) i;
INSERT INTO sp_text SELECT i, chr(33 + i % 90) || chr(33 + i % 77) || i FROM generate_series(1, 700) i;
INSERT INTO sp_text SELECT i, repeat(chr(65 + i % 26), 200 + i % 3000) FROM generate_series(1, 80) i;
INSERT INTO sp_text SELECT i, 'equal' FROM generate_series(1, 400) i;
INSERT INTO sp_text VALUES (1, ''), (2, NULL), (3, NULL);
INSERT INTO sp_text SELECT i, NULL FROM generate_series(1, 350) i;
CREATE TABLE sp_inet(id int, a inet);
CREATE INDEX sp_inet_a ON sp_inet USING spgist(a);
INSERT INTO sp_inet SELECT i, ('10.' || i % 3 || '.' || i % 251 || '.' || i % 253)::inet FROM generate_series(1, 900) i;
INSERT INTO sp_inet SELECT i, ('fe80::' || to_hex(i))::inet FROM generate_series(1, 300) i;
INSERT INTO sp_inet SELECT i, ('10.0.0.0/' || 8 + i % 24)::cidr FROM generate_series(1, 100) i;
CREATE TABLE sp_ranges(r int4range);
CREATE INDEX sp_ranges_r ON sp_ranges USING spgist(r);
INSERT INTO sp_ranges SELECT int4range(i * 31 % 5000, i * 31 % 5000 + 1 + i % 50) FROM generate_series(1, 700) i;
INSERT INTO sp_ranges SELECT 'empty' FROM generate_series(1, 20);

-- Vacuum: of a root that is a leaf, of leaves, of redirections and placeholders.
CREATE TABLE sp_small(id int, p point, t text);
CREATE INDEX sp_small_p ON sp_small USING spgist(p);
CREATE INDEX sp_small_t ON sp_small USING spgist(t);
INSERT INTO sp_small SELECT i, point(i, i), 't' || i FROM generate_series(1, 40) i;
INSERT INTO sp_small VALUES (41, NULL, NULL), (42, NULL, NULL);
DELETE FROM sp_small WHERE id % 3 = 0;
VACUUM sp_small;
DELETE FROM sp_small;
VACUUM sp_small;
INSERT INTO sp_small SELECT i, point(i, i), 't' || i FROM generate_series(1, 400) i;
DELETE FROM sp_points WHERE id % 3 = 0;
DELETE FROM sp_text WHERE id % 3 = 0;
DELETE FROM sp_inet WHERE id % 3 = 0;
VACUUM sp_points;
VACUUM sp_text;
VACUUM sp_inet;
INSERT INTO sp_points SELECT i, point(i * 7919 % 10007, i * 104729 % 10009) FROM generate_series(1, 500) i;
INSERT INTO sp_text SELECT i, 'common prefix ' || i % 10 || md5((i + 7)::text) FROM generate_series(1, 400) i;
DELETE FROM sp_points WHERE id % 5 = 0;
DELETE FROM sp_text WHERE id % 5 < 3;
SELECT pg_current_xact_id();
VACUUM sp_points;
VACUUM sp_text;
VACUUM sp_small;
VACUUM sp_ranges;
INSERT INTO sp_text SELECT i, 'common prefix ' || i % 10 || md5((i + 9)::text) FROM generate_series(1, 400) i;
CREATE INDEX sp_text_built ON sp_text USING spgist(t);
CREATE UNLOGGED TABLE sp_unlogged(p point);
CREATE INDEX sp_unlogged_p ON sp_unlogged USING spgist(p);
