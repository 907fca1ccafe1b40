-- The transactions of TPC-B, as pgbench runs them.
CREATE TABLE bank_branches(bid int PRIMARY KEY, bbalance int, filler char(88)) WITH (fillfactor = 100);
CREATE TABLE bank_tellers(tid int PRIMARY KEY, bid int, tbalance int, filler char(84)) WITH (fillfactor = 100);
CREATE TABLE bank_accounts(aid int PRIMARY KEY, bid int, abalance int, filler char(84)) WITH (fillfactor = 100);
CREATE TABLE bank_history(tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
INSERT INTO bank_branches SELECT 1, 0, '';
INSERT INTO bank_tellers SELECT i, 1, 0, '' FROM generate_series(1, 10) i;
INSERT INTO bank_accounts SELECT i, 1, 0, '' FROM generate_series(1, 5000) i;
VACUUM (ANALYZE) bank_branches, bank_tellers, bank_accounts;
CREATE PROCEDURE bank_run(seed float, transactions int) LANGUAGE plpgsql AS $$
DECLARE
    account int;
    teller int;
    amount int;
    accounts int;
BEGIN
    SELECT count(*) INTO accounts FROM bank_accounts;
    PERFORM setseed(seed);
    FOR i IN 1..transactions LOOP
        account := 1 + floor(random() * accounts);
        teller := 1 + floor(random() * 10);
        amount := floor(random() * 10001) - 5000;
        UPDATE bank_accounts SET abalance = abalance + amount WHERE aid = account;
        PERFORM abalance FROM bank_accounts WHERE aid = account;
        UPDATE bank_tellers SET tbalance = tbalance + amount WHERE tid = teller;
        UPDATE bank_branches SET bbalance = bbalance + amount WHERE bid = 1;
        INSERT INTO bank_history VALUES (teller, 1, account, amount, '2020-01-01', '');
        COMMIT;
    END LOOP;
END $$;
CALL bank_run(0.5, 1500);
CHECKPOINT;
CALL bank_run(0.25, 1500);
