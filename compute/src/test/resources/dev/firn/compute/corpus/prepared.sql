-- Left prepared when the log ends.
CREATE TABLE tp_rows(id int PRIMARY KEY);
BEGIN;
INSERT INTO tp_rows SELECT generate_series(1, 20);
SELECT pg_logical_emit_message(true, 'in', 'prepared');
SAVEPOINT a;
INSERT INTO tp_rows VALUES (100);
PREPARE TRANSACTION 'left open';
BEGIN;
DELETE FROM bank_history WHERE tid = 3;
PREPARE TRANSACTION 'left open too';
