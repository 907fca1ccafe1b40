-- BRIN: summaries made, changed in place, moved to other pages, taken back; a map of ranges that grows over pages in its way.

CREATE TABLE brin_rows(id int, t text, pad text) WITH (fillfactor = 10);
ALTER TABLE brin_rows ALTER pad SET STORAGE PLAIN, ALTER t SET STORAGE PLAIN;
INSERT INTO brin_rows SELECT i, i::text, repeat('p', 600) FROM generate_series(1, 60) i;
CREATE INDEX brin_rows_id ON brin_rows USING brin(id) WITH (pages_per_range = 1, autosummarize = off);
CREATE INDEX brin_rows_t ON brin_rows USING brin(t) WITH (pages_per_range = 1);
CREATE INDEX brin_rows_multi ON brin_rows USING brin(id int4_minmax_multi_ops(values_per_range = 64), id int4_bloom_ops) WITH (pages_per_range = 2);
INSERT INTO brin_rows SELECT i, i::text, repeat('p', 600) FROM generate_series(61, 200) i;
SELECT brin_summarize_new_values('brin_rows_id');
SELECT brin_summarize_range('brin_rows_t', 70);
VACUUM brin_rows;
-- In place; then summaries that outgrow their page.
UPDATE brin_rows SET id = id + 1 WHERE id % 2 = 0;
UPDATE brin_rows SET t = repeat(chr(97 + id % 20), 10 + id) WHERE id % 2 = 1;
UPDATE brin_rows SET t = repeat(chr(97 + id % 20), 900) WHERE id % 3 = 1;
UPDATE brin_rows SET t = repeat(chr(97 + id % 20), 1900) WHERE id % 4 = 1;
INSERT INTO brin_rows SELECT i, repeat(chr(97 + i % 20), 1500), 'p' FROM generate_series(1, 30) i;
SELECT brin_desummarize_range('brin_rows_id', 3);
SELECT brin_desummarize_range('brin_rows_t', 3);
SELECT brin_summarize_new_values('brin_rows_t');
DELETE FROM brin_rows WHERE id % 10 < 7;
VACUUM brin_rows;
INSERT INTO brin_rows SELECT -i, 'again', 'p' FROM generate_series(1, 40) i;

-- More ranges than a page of the map has: it takes the next page, whose summaries move away.
CREATE TABLE brin_long(id int, pad text);
ALTER TABLE brin_long ALTER pad SET STORAGE PLAIN;
CREATE INDEX brin_long_id ON brin_long USING brin(id) WITH (pages_per_range = 1);
CREATE INDEX brin_long_pad ON brin_long USING brin(pad) WITH (pages_per_range = 1);
INSERT INTO brin_long SELECT i, repeat(chr(97 + i % 20), 7000) FROM generate_series(1, 30) i;
SELECT brin_summarize_new_values('brin_long_id');
--: unchecked
INSERT INTO brin_long SELECT i, repeat('z', 7000) FROM generate_series(31, 1420) i;
SELECT brin_summarize_range('brin_long_id', 1300);
SELECT brin_summarize_new_values('brin_long_pad');
--: checked
SELECT brin_summarize_new_values('brin_long_id');
INSERT INTO brin_long SELECT i, repeat('y', 7000) FROM generate_series(1421, 1440) i;
SELECT brin_summarize_new_values('brin_long_id');
UPDATE brin_long SET id = -id WHERE id % 20 = 0;
CREATE INDEX brin_long_built ON brin_long USING brin(id, pad) WITH (pages_per_range = 4);
CREATE UNLOGGED TABLE brin_unlogged(id int);
CREATE INDEX brin_unlogged_id ON brin_unlogged USING brin(id);
