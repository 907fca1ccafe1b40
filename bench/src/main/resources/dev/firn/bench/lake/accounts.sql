-- pgbench's accounts, as initialised, with the balances of a while of TPC-B.
CREATE TABLE pgbench_accounts (
    aid integer NOT NULL,
    bid integer,
    abalance integer,
    filler character(84)
);
SELECT setseed(0.20080126);
INSERT INTO pgbench_accounts
SELECT aid, (aid - 1) / 100000 + 1, ((random() + random() + random() - 1.5) * 10000)::int, ''
FROM generate_series(1, :rows) aid;
