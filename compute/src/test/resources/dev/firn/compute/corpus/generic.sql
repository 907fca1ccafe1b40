-- Generic records: bloom is the only user of them that comes with Postgres.
--: extension bloom
CREATE TABLE bloom_rows(a int, b int, c text);
CREATE INDEX bloom_rows_all ON bloom_rows USING bloom(a, b, c);
INSERT INTO bloom_rows SELECT i, i % 10, md5(i::text) FROM generate_series(1, 1500) i;
DELETE FROM bloom_rows WHERE b < 4;
VACUUM bloom_rows;
INSERT INTO bloom_rows SELECT i, i % 10, md5(i::text) FROM generate_series(1, 700) i;
DELETE FROM bloom_rows;
VACUUM bloom_rows;
INSERT INTO bloom_rows SELECT i, i % 10, md5(i::text) FROM generate_series(1, 300) i;
CREATE INDEX bloom_rows_built ON bloom_rows USING bloom(a) WITH (length = 200, col1 = 9);
CREATE UNLOGGED TABLE bloom_unlogged(a int);
CREATE INDEX bloom_unlogged_a ON bloom_unlogged USING bloom(a);
