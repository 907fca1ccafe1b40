package dev.firn.columnar.transcode;

import dev.firn.compute.instance.SampleValues;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** The types that a random schema draws from: Postgres' own with their extremes, some with modifiers, arrays, and types that the schema makes itself. */
final class RandomTypes {
    /** Longer literals are drawn now and then only: a table of them would be a test of nothing else. */
    private static final int SHORT_LITERAL = 300;

    private static final int LONG_ONE_IN = 25;

    private final SplittableRandom random;
    private final RandomNames names;
    private final List<RandomType> own = new ArrayList<>();
    private final List<RandomType> made = new ArrayList<>();
    private final List<MadeEnum> enums = new ArrayList<>();
    private final List<MadeComposite> composites = new ArrayList<>();

    /**
     * A type.
     *
     * @param sql as a column is declared.
     * @param draw draws an expression of the type.
     */
    record RandomType(String sql, Supplier<String> draw) {}

    private record MadeEnum(String sql, List<String> labels) {}

    private record MadeComposite(String sql, Map<String, RandomType> fields) {}

    RandomTypes(final SplittableRandom random, final RandomNames names, final int major) {
        this.random = random;
        this.names = names;
        new SampleValues(random.split(), 3)
                .all(major)
                .forEach((sql, literals) -> own.add(new RandomType(sql, () -> literal(sql, literals))));
        modified();
    }

    private String literal(final String sql, final List<String> literals) {
        String literal = pick(literals);
        while (literal.length() > SHORT_LITERAL
                && literals.stream().anyMatch(other -> other.length() <= SHORT_LITERAL)
                && random.nextInt(LONG_ONE_IN) > 0) {
            literal = pick(literals);
        }
        return "'" + literal + "'::" + sql;
    }

    /** Types whose modifier rounds, pads, or cuts, or lets the lake hold them as another type. */
    private void modified() {
        for (final int length : List.of(1, 17, 200)) {
            own.add(new RandomType("varchar(" + length + ")", () -> text() + "::varchar(" + length + ")"));
            own.add(new RandomType("char(" + length + ")", () -> text() + "::char(" + length + ")"));
        }
        for (final String modifier : List.of("4,2", "9,0", "12,2", "18,4", "30,5", "38,0", "3,5", "6,-2", "50,10")) {
            final String sql = "numeric(" + modifier + ")";
            own.add(new RandomType(sql, () -> "(" + decimal(modifier) + ")::" + sql));
        }
        for (int precision = 0; precision < 6; precision += 2) {
            for (final String sql :
                    List.of("timestamp(%d)", "timestamptz(%d)", "time(%d)", "timetz(%d)", "interval(%d)")) {
                final String type = sql.formatted(precision);
                own.add(new RandomType(
                        type,
                        () -> type.startsWith("interval")
                                ? "'" + random.nextInt(100) + " days 03:04:05.678912'::" + type
                                : "'2026-0" + (1 + random.nextInt(9)) + "-22 12:34:56.789123+05'::"
                                        + type.replaceAll("\\(.*", "") + "::" + type));
            }
        }
        own.add(new RandomType(
                "bit(11)", () -> "B'" + Integer.toBinaryString(1024 | random.nextInt(1024)) + "'::bit(11)"));
        own.add(new RandomType("varbit(40)", () -> "B'" + Integer.toBinaryString(random.nextInt()) + "'::varbit(40)"));
    }

    private String text() {
        return switch (random.nextInt(6)) {
            case 0 -> "''";
            case 1 -> "'ä €'";
            case 2 -> "repeat('long " + random.nextInt(9) + "', " + random.nextInt(60) + ")";
            default -> "md5('" + random.nextInt() + "')";
        };
    }

    /** A number with so many digits at most that the modifier takes it. */
    private String decimal(final String modifier) {
        if (random.nextInt(12) == 0) {
            return "'NaN'";
        }
        final int precision = Integer.parseInt(modifier.split(",", 2)[0]);
        final int scale = Integer.parseInt(modifier.split(",", 2)[1]);
        final StringBuilder digits = new StringBuilder();
        for (int i = random.nextInt(precision + 1); i >= 0; i--) {
            digits.append(random.nextInt(10));
        }
        digits.setLength(Math.min(digits.length(), precision - 1));
        return (random.nextBoolean() ? "-" : "") + (digits.isEmpty() ? "0" : digits) + "e" + -scale;
    }

    /** Makes types of the schema's own; domains and composites may be over each other. */
    void make(final RandomSession session) {
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
            makeEnum(session);
        }
        for (int i = 2 + random.nextInt(4); i > 0; i--) {
            if (random.nextInt(3) == 0) {
                makeDomain(session);
            } else {
                makeComposite(session);
            }
        }
    }

    private void makeEnum(final RandomSession session) {
        final MadeEnum type = new MadeEnum(names.next(), new ArrayList<>());
        for (int i = 1 + random.nextInt(5); i > 0; i--) {
            type.labels.add("label '' \" , (" + type.labels.size());
        }
        if (session.execute("CREATE TYPE " + type.sql + " AS ENUM ('" + String.join("', '", type.labels) + "')")) {
            enums.add(type);
            made.add(new RandomType(type.sql, () -> "'" + pick(type.labels) + "'::" + type.sql));
        }
    }

    private void makeDomain(final RandomSession session) {
        final RandomType base = next();
        final String sql = names.next();
        if (session.execute("CREATE DOMAIN " + sql + " AS " + base.sql)) {
            made.add(new RandomType(sql, () -> base.draw.get() + "::" + sql));
        }
    }

    private void makeComposite(final RandomSession session) {
        final Map<String, RandomType> fields = new LinkedHashMap<>();
        final List<String> declared = new ArrayList<>();
        for (int i = 1 + random.nextInt(5); i > 0; i--) {
            final String name = names.next();
            fields.put(name, next());
            declared.add(name + " " + fields.get(name).sql);
        }
        final String sql = names.next();
        if (session.execute("CREATE TYPE " + sql + " AS (" + String.join(", ", declared) + ")")) {
            final MadeComposite type = new MadeComposite(sql, fields);
            composites.add(type);
            made.add(new RandomType(sql, () -> row(type)));
        }
    }

    private String row(final MadeComposite type) {
        final List<String> values = new ArrayList<>();
        type.fields.values().forEach(field -> values.add(random.nextInt(4) == 0 ? "NULL" : field.draw.get()));
        return "ROW(" + String.join(", ", values) + ")::" + type.sql;
    }

    /** Changes one of the types that were made, under the columns that have it. For no transaction that may be rolled back. */
    void alter(final RandomSession session) {
        if (random.nextBoolean() && !enums.isEmpty()) {
            alterEnum(session, pick(enums));
        } else if (!composites.isEmpty()) {
            alterComposite(session, pick(composites));
        }
    }

    private void alterEnum(final RandomSession session, final MadeEnum type) {
        if (random.nextBoolean()) {
            final String label = "added " + type.labels.size() + "-" + random.nextInt(100);
            final String where = random.nextBoolean() ? "" : " BEFORE '" + pick(type.labels) + "'";
            if (session.execute("ALTER TYPE " + type.sql + " ADD VALUE '" + label + "'" + where)) {
                type.labels.add(label);
            }
        } else {
            final int index = random.nextInt(type.labels.size());
            final String label = "renamed " + index + "-" + random.nextInt(100);
            if (session.execute(
                    "ALTER TYPE " + type.sql + " RENAME VALUE '" + type.labels.get(index) + "' TO '" + label + "'")) {
                type.labels.set(index, label);
            }
        }
    }

    private void alterComposite(final RandomSession session, final MadeComposite type) {
        final String name = names.next();
        if (random.nextBoolean() || type.fields.isEmpty()) {
            final RandomType field = pick(own);
            if (session.execute("ALTER TYPE " + type.sql + " ADD ATTRIBUTE " + name + " " + field.sql)) {
                type.fields.put(name, field);
            }
        } else {
            final String gone = pick(List.copyOf(type.fields.keySet()));
            if (session.execute("ALTER TYPE " + type.sql + " DROP ATTRIBUTE " + gone)) {
                type.fields.remove(gone);
            }
        }
    }

    /** Draws a type, or an array of one. */
    RandomType next() {
        final RandomType one = !made.isEmpty() && random.nextInt(3) == 0 ? pick(made) : pick(own);
        return random.nextInt(6) == 0 && !one.sql.matches("(int2|oid)vector") ? array(one) : one;
    }

    private RandomType array(final RandomType element) {
        final String sql = element.sql.replaceAll(" COLLATE.*", "") + "[]";
        return new RandomType(sql, () -> switch (random.nextInt(6)) {
            case 0 -> "'{}'::" + sql;
            case 1 ->
                "array_fill(" + element.draw.get() + ", ARRAY[2, " + (1 + random.nextInt(3)) + "], ARRAY[-1, 3])::"
                        + sql;
            case 2 -> "ARRAY[" + element.draw.get() + "]::" + sql;
            default ->
                "ARRAY[" + element.draw.get() + ", NULL, " + element.draw.get() + ", " + element.draw.get() + "]::"
                        + sql;
        });
    }

    private <T> T pick(final List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
