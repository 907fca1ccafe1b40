-- GIN: with and without a pending list, posting lists and trees, splits of all pages, vacuum of all pages, deletion of pages.

-- Without the pending list: entries one by one.
CREATE TABLE gin_rows(id int, a int[]);
CREATE INDEX gin_rows_a ON gin_rows USING gin(a) WITH (fastupdate = off);
INSERT INTO gin_rows SELECT i, ARRAY[i % 2, i, i * 7919 % 1009] FROM generate_series(1, 1200) i;
CREATE TABLE gin_text(id int, t tsvector);
CREATE INDEX gin_text_t ON gin_text USING gin(t) WITH (fastupdate = off);
INSERT INTO gin_text SELECT i, to_tsvector('simple', repeat(md5(i::text), 6) || ' every ' || repeat('wide', 100) || i) FROM generate_series(1, 150) i;

-- With it: list pages, flushed by hand, by vacuum, and by growing too long.
CREATE TABLE gin_pending(id int, a int[]);
CREATE INDEX gin_pending_a ON gin_pending USING gin(a) WITH (fastupdate = on, gin_pending_list_limit = 64);
INSERT INTO gin_pending SELECT i, ARRAY[i % 3, i % 100, i] FROM generate_series(1, 500) i;
SELECT gin_clean_pending_list('gin_pending_a');
INSERT INTO gin_pending SELECT i, ARRAY[i % 3, i % 100, i] FROM generate_series(501, 1500) i;
INSERT INTO gin_pending SELECT i, (SELECT array_agg(j) FROM generate_series(1, 3000) j) FROM generate_series(1, 3) i;
VACUUM gin_pending;

-- Posting trees of many leaves, made by a build; rows vanish in stretches, so pages empty and go.
CREATE TABLE gin_tree(id int, a int[]) WITH (fillfactor = 100);
--: unchecked
INSERT INTO gin_tree SELECT i, ARRAY[1, 2 + i % 2] FROM generate_series(1, 60000) i;
CREATE INDEX gin_tree_a ON gin_tree USING gin(a);
DELETE FROM gin_tree WHERE id BETWEEN 10000 AND 40000;
--: checked
VACUUM gin_tree;
SELECT pg_current_xact_id();
-- Rows that take the freed places land amid the posting lists.
--: unchecked
INSERT INTO gin_tree SELECT i, ARRAY[1, 2 + i % 2] FROM generate_series(1, 5500) i;
-- A key that comes with so many rows at once gets a tree at once.
INSERT INTO gin_tree SELECT i, ARRAY[9] FROM generate_series(1, 9000) i;
--: checked
INSERT INTO gin_tree SELECT i, ARRAY[1, 2 + i % 2] FROM generate_series(5501, 6000) i;
SELECT gin_clean_pending_list('gin_tree_a');
--: unchecked
DELETE FROM gin_tree WHERE id % 5 = 0;
--: checked
VACUUM gin_tree;
ALTER INDEX gin_tree_a SET (fastupdate = off);
INSERT INTO gin_tree SELECT i, ARRAY[1, 2 + i % 2] FROM generate_series(1, 500) i;
--: unchecked
DELETE FROM gin_tree WHERE id > 3000;
--: checked
VACUUM gin_tree;
SELECT pg_current_xact_id();
VACUUM gin_tree;
INSERT INTO gin_tree SELECT i, ARRAY[1, 4, 5] FROM generate_series(1, 400) i;

DELETE FROM gin_rows WHERE id % 3 = 0;
DELETE FROM gin_text WHERE id % 3 = 0;
VACUUM gin_rows;
VACUUM gin_text;
INSERT INTO gin_rows SELECT i, ARRAY[i % 2, i, NULL] FROM generate_series(1, 600) i;
INSERT INTO gin_rows VALUES (1, '{}'), (2, NULL), (3, '{NULL}');
DELETE FROM gin_rows;
VACUUM gin_rows;
CREATE TABLE gin_json(j jsonb);
CREATE INDEX gin_json_j ON gin_json USING gin(j jsonb_path_ops);
INSERT INTO gin_json SELECT jsonb_build_object('k', i % 10, 'l', jsonb_build_array(i, md5(i::text))) FROM generate_series(1, 500) i;
VACUUM gin_json;
CREATE UNLOGGED TABLE gin_unlogged(a int[]);
CREATE INDEX gin_unlogged_a ON gin_unlogged USING gin(a);
