-- Images, compressed in each way that this Postgres offers, with a hole and without.
CREATE TABLE comp_rows(id int PRIMARY KEY, t text);
INSERT INTO comp_rows SELECT i, repeat(md5(i::text), 10) FROM generate_series(1, 1000) i;
CREATE INDEX comp_rows_t ON comp_rows USING gist(point(id, id));
--: compression off
CHECKPOINT;
UPDATE comp_rows SET t = upper(t) WHERE id % 10 = 0;
--: compression pglz
CHECKPOINT;
UPDATE comp_rows SET t = lower(t) WHERE id % 11 = 0;
--: compression lz4
CHECKPOINT;
UPDATE comp_rows SET t = upper(t) WHERE id % 12 = 0;
--: compression zstd
CHECKPOINT;
UPDATE comp_rows SET t = lower(t) WHERE id % 13 = 0;
