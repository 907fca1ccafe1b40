package dev.firn.postgres.value;

import java.util.Map;

/** What a type's stored bytes are: which output function prints them. */
public enum ValueKind {
    BOOL,
    INT2,
    INT4,
    INT8,
    FLOAT4,
    FLOAT8,
    NUMERIC,
    /** Bytes of text as they are: text, varchar, bpchar, json, xml, citext, refcursor, pg_node_tree. */
    TEXT,
    /** 64 bytes, ended by a zero. */
    NAME,
    /** The type {@code "char"}: one byte. */
    CHARACTER,
    BYTEA,
    DATE,
    TIME,
    TIMETZ,
    TIMESTAMP,
    TIMESTAMPTZ,
    INTERVAL,
    UUID,
    JSONB,
    INET,
    CIDR,
    MACADDR,
    MACADDR8,
    /** bit and varbit. */
    BIT,
    POINT,
    LSEG,
    PATH,
    BOX,
    POLYGON,
    LINE,
    CIRCLE,
    MONEY,
    /** oid, xid, cid: 32 bits without sign. */
    UINT4,
    /** xid8: 64 bits without sign. */
    UINT8,
    /** regclass and the like: a number, or a dash for none. */
    REGISTERED,
    /** regoper and regoperator: a number, 0 for none. */
    REGISTERED_OPERATOR,
    LSN,
    TID,
    SNAPSHOT,
    TSVECTOR,
    TSQUERY,
    /** int2vector and oidvector: arrays that print without braces. */
    INT2_VECTOR,
    OID_VECTOR,
    ENUM,
    ARRAY,
    COMPOSITE,
    RANGE,
    MULTIRANGE,
    /** Printed as its base type. */
    DOMAIN,
    HSTORE,
    LTREE,
    /** Any other: printed as bytea. */
    UNKNOWN;

    /** OIDs of Postgres' own types (catalog/pg_type.dat), which never change. */
    private static final Map<Integer, ValueKind> BUILT_IN = Map.ofEntries(
            Map.entry(16, BOOL),
            Map.entry(17, BYTEA),
            Map.entry(18, CHARACTER),
            Map.entry(19, NAME),
            Map.entry(20, INT8),
            Map.entry(21, INT2),
            Map.entry(22, INT2_VECTOR),
            Map.entry(23, INT4),
            Map.entry(24, REGISTERED),
            Map.entry(25, TEXT),
            Map.entry(26, UINT4),
            Map.entry(27, TID),
            Map.entry(28, UINT4),
            Map.entry(29, UINT4),
            Map.entry(30, OID_VECTOR),
            Map.entry(114, TEXT),
            Map.entry(142, TEXT),
            Map.entry(194, TEXT),
            Map.entry(600, POINT),
            Map.entry(601, LSEG),
            Map.entry(602, PATH),
            Map.entry(603, BOX),
            Map.entry(604, POLYGON),
            Map.entry(628, LINE),
            Map.entry(650, CIDR),
            Map.entry(700, FLOAT4),
            Map.entry(701, FLOAT8),
            Map.entry(718, CIRCLE),
            Map.entry(774, MACADDR8),
            Map.entry(790, MONEY),
            Map.entry(829, MACADDR),
            Map.entry(869, INET),
            Map.entry(1042, TEXT),
            Map.entry(1043, TEXT),
            Map.entry(1082, DATE),
            Map.entry(1083, TIME),
            Map.entry(1114, TIMESTAMP),
            Map.entry(1184, TIMESTAMPTZ),
            Map.entry(1186, INTERVAL),
            Map.entry(1266, TIMETZ),
            Map.entry(1560, BIT),
            Map.entry(1562, BIT),
            Map.entry(1700, NUMERIC),
            Map.entry(1790, TEXT),
            Map.entry(2202, REGISTERED),
            Map.entry(2203, REGISTERED_OPERATOR),
            Map.entry(2204, REGISTERED_OPERATOR),
            Map.entry(2205, REGISTERED),
            Map.entry(2206, REGISTERED),
            Map.entry(2950, UUID),
            Map.entry(2970, SNAPSHOT),
            Map.entry(3220, LSN),
            Map.entry(3614, TSVECTOR),
            Map.entry(3615, TSQUERY),
            Map.entry(3734, REGISTERED),
            Map.entry(3769, REGISTERED),
            Map.entry(3802, JSONB),
            Map.entry(4089, REGISTERED),
            Map.entry(4096, REGISTERED),
            Map.entry(4191, REGISTERED),
            Map.entry(5038, SNAPSHOT),
            Map.entry(5069, UINT8));

    /**
     * The kind of a row of pg_type.
     *
     * @param name typname; types of extensions have no fixed OID and are known by it.
     * @param type typtype.
     * @param category typcategory.
     */
    public static ValueKind of(
            final int oid,
            final String name,
            final char type,
            final char category,
            final int length,
            final int element) {
        final ValueKind builtIn = BUILT_IN.get(oid);
        if (builtIn != null) {
            return builtIn;
        }
        return switch (type) {
            case 'e' -> ENUM;
            case 'c' -> COMPOSITE;
            case 'r' -> RANGE;
            case 'm' -> MULTIRANGE;
            case 'd' -> DOMAIN;
            case 'b' ->
                category == 'A' && length == TypeDescription.VARIABLE && element != 0 ? ARRAY : named(name, length);
            default -> UNKNOWN;
        };
    }

    private static ValueKind named(final String name, final int length) {
        if (length != TypeDescription.VARIABLE) {
            return UNKNOWN;
        }
        return switch (name) {
            case "hstore" -> HSTORE;
            case "citext" -> TEXT;
            case "ltree" -> LTREE;
            default -> UNKNOWN;
        };
    }
}
