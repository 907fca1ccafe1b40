-- A database of more relations than a small memory table has room for, copied and dropped with a word each.
CREATE DATABASE db_forks STRATEGY file_copy;
--: database db_forks
CREATE PROCEDURE make(n int) LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1..n LOOP
        EXECUTE format('CREATE TABLE fork_%s(t text)', i);
        IF i % 500 = 0 THEN
            COMMIT;
        END IF;
    END LOOP;
END
$$;
CALL make(6000);
--: database postgres
CREATE DATABASE db_forks_copied TEMPLATE db_forks STRATEGY file_copy;
--: database db_forks_copied
CREATE TABLE in_forks_copied AS SELECT i, md5(i::text) FROM generate_series(1, 500) i;
INSERT INTO fork_17 VALUES ('here');
--: database postgres
CREATE DATABASE db_forks_gone TEMPLATE db_forks_copied STRATEGY file_copy;
DROP DATABASE db_forks_gone;
