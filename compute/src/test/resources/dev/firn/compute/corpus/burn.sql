-- A whole segment of transaction status, and of multixact offsets and members, comes to its end.
--: unchecked
SET synchronous_commit = off;
CALL burn_transactions(1060000);
RESET synchronous_commit;
INSERT INTO multi_rows SELECT generate_series(10001, 14000);
--: session b
--: unchecked
BEGIN;
CALL lock_apart(10001, 14000);
--: session a
SELECT count(*) FROM (SELECT FROM multi_rows FOR KEY SHARE) locked;
--: session b
COMMIT;
--: session a
--: checked
--: session b
--: checked
--: session a
--: freeze all databases
--: freeze all databases
