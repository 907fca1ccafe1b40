-- Rows like those of TPC-H's lineitem: keys with gaps, prices that follow from parts, dates that follow from the order's, words of its grammar.
CREATE TABLE lineitem (
    l_orderkey bigint NOT NULL,
    l_partkey bigint NOT NULL,
    l_suppkey bigint NOT NULL,
    l_linenumber integer NOT NULL,
    l_quantity numeric(15, 2) NOT NULL,
    l_extendedprice numeric(15, 2) NOT NULL,
    l_discount numeric(15, 2) NOT NULL,
    l_tax numeric(15, 2) NOT NULL,
    l_returnflag char(1) NOT NULL,
    l_linestatus char(1) NOT NULL,
    l_shipdate date NOT NULL,
    l_commitdate date NOT NULL,
    l_receiptdate date NOT NULL,
    l_shipinstruct char(25) NOT NULL,
    l_shipmode char(10) NOT NULL,
    l_comment varchar(44) NOT NULL
);
SELECT setseed(0.19920102);
INSERT INTO lineitem
SELECT ((o >> 3) << 5) | (o & 7), part, supplier, line,
       quantity, quantity * (90000 + (part / 10) % 20001 + 100 * (part % 1000)) / 100.0,
       floor(random() * 11) / 100, floor(random() * 9) / 100,
       CASE WHEN received > date '1995-06-17' THEN 'N' WHEN random() < 0.5 THEN 'R' ELSE 'A' END,
       CASE WHEN shipped > date '1995-06-17' THEN 'O' ELSE 'F' END,
       shipped, committed, received,
       (ARRAY['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'])[1 + floor(random() * 4)],
       (ARRAY['AIR', 'FOB', 'MAIL', 'RAIL', 'REG AIR', 'SHIP', 'TRUCK'])[1 + floor(random() * 7)],
       left(w[1 + floor(random() * 44)] || ' ' || w[1 + floor(random() * 44)] || ' ' || w[1 + floor(random() * 44)] || '. '
            || w[1 + floor(random() * 44)] || ' ' || w[1 + floor(random() * 44)] || ' ' || w[1 + floor(random() * 44)],
            10 + floor(random() * 34)::int)
FROM (
    SELECT o, line, part, quantity, shipped, committed, shipped + 1 + floor(random() * 30)::int AS received,
           (part + floor(random() * 4)::bigint * 2501) % 10000 + 1 AS supplier
    FROM (
        SELECT o, line, 1 + floor(random() * 200000)::bigint AS part, 1 + floor(random() * 50)::int AS quantity,
               ordered + 1 + floor(random() * 121)::int AS shipped, ordered + 30 + floor(random() * 61)::int AS committed
        FROM (
            SELECT o, date '1992-01-01' + floor(random() * 2406)::int AS ordered, 1 + floor(random() * 7)::int AS most
            FROM generate_series(1, :rows / 4) o
        ) orders, LATERAL generate_series(1, most) line
    ) lines
) items, (
    SELECT ARRAY['furiously', 'quickly', 'carefully', 'slyly', 'blithely', 'express', 'regular', 'final', 'ironic', 'pending', 'even', 'bold',
                 'silent', 'unusual', 'special', 'packages', 'deposits', 'requests', 'accounts', 'theodolites', 'instructions', 'foxes', 'ideas',
                 'dependencies', 'platelets', 'pinto beans', 'asymptotes', 'courts', 'dolphins', 'sleep', 'haggle', 'nag', 'wake', 'cajole',
                 'are', 'use', 'detect', 'integrate', 'above the', 'across the', 'according to the', 'after the', 'among the', 'against the'] AS w
) words;
