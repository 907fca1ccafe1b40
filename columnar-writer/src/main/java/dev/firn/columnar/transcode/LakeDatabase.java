package dev.firn.columnar.transcode;

import dev.firn.columnar.rebuild.RelationForm;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.catalog.AttributeRow;
import dev.firn.postgres.catalog.CatalogPages;
import dev.firn.postgres.catalog.DatabaseCatalog;
import dev.firn.postgres.catalog.DatabaseRow;
import dev.firn.postgres.catalog.RelationRow;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.toast.ToastTable;
import dev.firn.postgres.tuple.ToastFetcher;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.visibility.RowVisibility;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The tables of one database at the LSN of its pages: what the catalogs say, and what each table is read through. Of one thread, but for sources. */
public final class LakeDatabase implements AutoCloseable {
    /** relkind of what has rows of its own: tables and partitions, materialised views. */
    private static final String KINDS = "rm";

    private static final char PERMANENT = 'p';

    /** pg_attribute and the other catalogs that are read have no TOAST table (catalog/pg_*.h): nothing in them is out of line. */
    private static final ToastFetcher NONE = (relation, value, bytes) -> {
        throw new MalformedDataException("a value out of line, in the TOAST table " + Integer.toUnsignedString(relation)
                + ", where there is none");
    };

    private final CatalogPages pages;
    private final DatabaseRow database;
    private final boolean checksums;
    private final DatabaseCatalog catalog;

    private LakeDatabase(
            final CatalogPages pages,
            final PostgresVersion version,
            final DatabaseRow database,
            final boolean checksums) {
        this.pages = pages;
        this.database = database;
        this.checksums = checksums;
        this.catalog = new DatabaseCatalog(version, database);
    }

    /**
     * Reads the catalogs.
     *
     * @param pages borrowed until this is closed.
     * @param checksums whether pages carry checksums.
     */
    public static LakeDatabase open(
            final CatalogPages pages,
            final PostgresVersion version,
            final DatabaseRow database,
            final boolean checksums) {
        final LakeDatabase opened = new LakeDatabase(pages, version, database, checksums);
        boolean done = false;
        try {
            opened.catalog.moveTo(pages, NONE, (relation, block) -> true);
            done = true;
            return opened;
        } finally {
            if (!done) {
                opened.close();
            }
        }
    }

    public DatabaseCatalog catalog() {
        return catalog;
    }

    /** The users' tables, by name. Temporary and unlogged ones are not in the WAL, and so in no page at an LSN. */
    public List<LakeTable> tables() {
        return find(false);
    }

    /** The table of a name, also of a system schema. */
    public Optional<LakeTable> table(final String schema, final String name) {
        return find(true).stream()
                .filter(table ->
                        table.schema().equals(schema) && table.relation().name().equals(name))
                .findFirst();
    }

    private List<LakeTable> find(final boolean systemToo) {
        final List<LakeTable> tables = new ArrayList<>();
        for (final RelationRow relation : catalog.relations()) {
            if (KINDS.indexOf(relation.kind()) < 0
                    || relation.persistence() != PERMANENT
                    || relation.locator() == null) {
                continue;
            }
            final String schema = catalog.schema(relation.schema());
            if (systemToo || !isSystem(schema)) {
                tables.add(new LakeTable(schema, relation));
            }
        }
        tables.sort(Comparator.comparing(LakeTable::name));
        return tables;
    }

    private static boolean isSystem(final String schema) {
        return schema.equals("pg_catalog") || schema.equals("information_schema") || schema.equals("pg_toast");
    }

    /**
     * What a table is read through, by one thread.
     *
     * @throws RefusedRelationException when the lake can't hold it.
     * @throws MalformedDataException when the catalogs contradict themselves.
     */
    public TableSource source(final LakeTable table, final Map<String, String> metadata) {
        return source(table, pages, metadata);
    }

    /**
     * As {@link #source(LakeTable, Map)}, for another thread: any number of them may ask, and each reads through pages of its own.
     *
     * @param through of the same LSN; borrowed.
     */
    public synchronized TableSource source(
            final LakeTable table, final CatalogPages through, final Map<String, String> metadata) {
        final RelationRow relation = table.relation();
        final int toast = catalog.toastRelation(relation.oid());
        return source(table.name(), relation, through, toast == 0 ? NONE : toastTable(toast, through), metadata);
    }

    /** What its TOAST table is read through, whose chunks are rows as others are; empty when it has none. */
    public Optional<TableSource> toastSource(final LakeTable table, final Map<String, String> metadata) {
        return toastSource(table, pages, metadata);
    }

    /** As {@link #toastSource(LakeTable, Map)}, for another thread. @param through of the same LSN; borrowed. */
    public synchronized Optional<TableSource> toastSource(
            final LakeTable table, final CatalogPages through, final Map<String, String> metadata) {
        final int toast = catalog.toastRelation(table.relation().oid());
        return toast == 0
                ? Optional.empty()
                : Optional.of(source("the TOAST table of " + table.name(), located(toast), through, NONE, metadata));
    }

    private TableSource source(
            final String name,
            final RelationRow relation,
            final CatalogPages through,
            final ToastFetcher toast,
            final Map<String, String> metadata) {
        final Map<String, String> all = new LinkedHashMap<>(metadata);
        all.put("firn.relation-oid", Integer.toUnsignedString(relation.oid()));
        all.put("firn.relfilenode", Integer.toUnsignedString(relation.locator().relfilenode()));
        final List<AttributeRow> attributes = catalog.attributes(relation.oid());
        final TableSchema schema = TableSchema.of(attributes, catalog::type);
        return new TableSource(
                name,
                database,
                relation.locator(),
                schema,
                RelationForm.of(attributes, catalog::type, schema.fields()),
                catalog.plan(relation.oid()),
                through,
                new RowVisibility(through),
                toast,
                checksums,
                all);
    }

    private ToastFetcher toastTable(final int oid, final CatalogPages through) {
        final int index = catalog.primaryIndex(oid);
        if (index == 0) {
            throw new MalformedDataException(
                    "the TOAST table " + Integer.toUnsignedString(oid) + " has no valid index");
        }
        final RelFileLocator heap = located(oid).locator();
        return new ToastTable(oid, through, heap, located(index).locator());
    }

    private RelationRow located(final int oid) {
        final RelationRow row = catalog.relation(oid);
        if (row == null || row.locator() == null) {
            throw new MalformedDataException("pg_class of the database " + database.name() + " has no relation "
                    + Integer.toUnsignedString(oid) + ", or no file of it");
        }
        return row;
    }

    @Override
    public void close() {
        catalog.close();
    }
}
