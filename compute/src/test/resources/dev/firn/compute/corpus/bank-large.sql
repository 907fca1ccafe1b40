-- More of the bank's transactions, with checkpoints between them.
INSERT INTO bank_accounts SELECT i, 1, 0, '' FROM generate_series(5001, 100000) i;
VACUUM (FREEZE, ANALYZE) bank_accounts;
CALL bank_run(0.75, 15000);
CHECKPOINT;
CALL bank_run(0.625, 15000);
VACUUM bank_tellers, bank_branches, bank_accounts;
CALL bank_run(0.375, 10000);
