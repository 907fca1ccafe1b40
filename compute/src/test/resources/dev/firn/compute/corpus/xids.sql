-- What grows with transaction ids and multixacts: status, timestamps, offsets and members, and their ends.
-- Two lockers make a multixact of a row; locked by as many nested transactions as there are rows, no two are the same.
CREATE TABLE multi_rows(id int PRIMARY KEY) WITH (fillfactor = 100);
INSERT INTO multi_rows SELECT generate_series(1, 2500);
CREATE PROCEDURE lock_apart(first int, last int) LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN first..last LOOP
        BEGIN
            PERFORM 1 FROM multi_rows WHERE id = i FOR KEY SHARE;
        EXCEPTION WHEN division_by_zero THEN NULL;
        END;
    END LOOP;
END $$;
--: session b
--: unchecked
BEGIN;
CALL lock_apart(1, 2500);
--: session a
--: unchecked
SELECT count(*) FROM (SELECT FROM multi_rows FOR KEY SHARE) locked;
--: checked
--: session b
COMMIT;
--: checked
BEGIN;
CALL lock_apart(1, 300);
--: session c
BEGIN;
CALL lock_apart(1, 300);
--: session d
BEGIN;
SELECT count(*) FROM (SELECT FROM multi_rows WHERE id < 400 FOR KEY SHARE) locked;
--: session a
UPDATE multi_rows SET id = id WHERE id BETWEEN 100 AND 200;
--: session d
COMMIT;
--: session c
COMMIT;
--: session b
COMMIT;
--: session a
VACUUM (FREEZE) multi_rows;
-- More transactions than a page of their status holds, and than a segment of their timestamps.
CREATE PROCEDURE burn_transactions(count int) LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1..count LOOP
        PERFORM pg_current_xact_id();
        COMMIT;
    END LOOP;
END $$;
SET synchronous_commit = off;
CALL burn_transactions(60000);
RESET synchronous_commit;
--: freeze all databases
--: freeze all databases
