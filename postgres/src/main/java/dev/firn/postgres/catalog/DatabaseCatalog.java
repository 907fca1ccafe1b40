package dev.firn.postgres.catalog;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.compression.Decompressor;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.file.RelationMap;
import dev.firn.postgres.tuple.DeformPlan;
import dev.firn.postgres.tuple.Detoaster;
import dev.firn.postgres.tuple.StoredAttribute;
import dev.firn.postgres.tuple.ToastFetcher;
import dev.firn.postgres.tuple.TupleBatch;
import dev.firn.postgres.value.CompositeAttribute;
import dev.firn.postgres.value.EnumLabels;
import dev.firn.postgres.value.TypeDescription;
import dev.firn.postgres.value.ValueKind;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.visibility.RowVisibility;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What the catalogs of one database say at one LSN: relations, attributes, types, enum labels, range types, inheritance. Built once from
 * all their pages, then moved forward by the blocks that changed. One thread owns it.
 */
public final class DatabaseCatalog implements AutoCloseable {
    private static final int PG_TYPE = 1247;
    private static final int PG_ATTRIBUTE = 1249;
    private static final int PG_CLASS = 1259;
    private static final int PG_INDEX = 2610;
    private static final int PG_INHERITS = 2611;
    private static final int PG_NAMESPACE = 2615;
    private static final int PG_ENUM = 3501;
    private static final int PG_RANGE = 3541;

    private final PostgresVersion version;
    private final DatabaseRow database;
    private final NameEncoding encoding;
    private final Decompressor decompressor = new Decompressor();
    private final CatalogTable<AttributeRow> attributeTable = new CatalogTable<>("pg_attribute");
    private final CatalogTable<ClassRow> classTable = new CatalogTable<>("pg_class");
    private final CatalogTable<TypeRow> typeTable = new CatalogTable<>("pg_type");
    private final CatalogTable<EnumRow> enumTable = new CatalogTable<>("pg_enum");
    private final CatalogTable<RangeRow> rangeTable = new CatalogTable<>("pg_range");
    private final CatalogTable<InheritsRow> inheritsTable = new CatalogTable<>("pg_inherits");
    private final CatalogTable<SchemaRow> schemaTable = new CatalogTable<>("pg_namespace");
    private final CatalogTable<IndexRow> indexTable = new CatalogTable<>("pg_index");
    private final TupleBatch batch = CatalogTable.pageBatch();
    private final Map<Integer, List<AttributeRow>> attributes = new HashMap<>();
    private final Map<Integer, RelationRow> relations = new HashMap<>();
    private final Map<Integer, Integer> toastRelations = new HashMap<>();
    private final Map<Integer, String> schemas = new HashMap<>();
    private final Map<Integer, Integer> primaryIndexes = new HashMap<>();
    private final Map<Integer, TypeRow> typeRows = new HashMap<>();
    private final Map<Integer, RangeRow> ranges = new HashMap<>();
    private final Map<Integer, Map<Integer, byte[]>> labels = new HashMap<>();
    private final Map<Integer, TypeDescription> types = new HashMap<>();

    private record ClassRow(
            int oid, String name, int schema, char kind, char persistence, int file, int tablespace, int toast) {}

    private record TypeRow(
            int oid,
            String name,
            int length,
            char type,
            char category,
            char delimiter,
            int relation,
            int element,
            char alignment,
            char storage,
            int base,
            int modifier) {}

    private record EnumRow(int oid, int type, byte[] label) {}

    private record RangeRow(int type, int subtype, int multirange) {}

    private record SchemaRow(int oid, String name) {}

    private record IndexRow(int oid, int relation) {}

    private record InheritsRow(int child, int parent, int sequence) {}

    /** Of a database; empty until it is {@link #moveTo moved} to an LSN. */
    public DatabaseCatalog(final PostgresVersion version, final DatabaseRow database) {
        this.version = version;
        this.database = database;
        encoding = NameEncoding.of(database);
    }

    /**
     * Moves to the LSN of these pages, from none or from an earlier one.
     *
     * @param toast where values are fetched that lie in a catalog's own TOAST table: a missing value may be long.
     * @param changed since the LSN before; not asked the first time.
     */
    public void moveTo(final CatalogPages pages, final ToastFetcher toast, final ChangedBlocks changed) {
        final Reading reading = new Reading(pages, toast, changed);
        boolean any = reading.attributes();
        any |= reading.classes();
        any |= reading.rest();
        if (any) {
            types.clear();
        }
    }

    /** One move forward. */
    private final class Reading {
        private final CatalogPages pages;
        private final ChangedBlocks changed;
        private final RowVisibility visibility;
        private final Detoaster detoaster;
        private final RelationMap local;
        private final RelationMap shared;

        Reading(final CatalogPages pages, final ToastFetcher toast, final ChangedBlocks changed) {
            this.pages = pages;
            this.changed = changed;
            visibility = new RowVisibility(pages);
            detoaster = new Detoaster(toast, decompressor);
            local = map(database.tablespace(), database.oid());
            shared = map(RelFileLocator.GLOBAL_TABLESPACE, 0);
        }

        private RelationMap map(final int tablespace, final int oid) {
            return new RelationMap().wrap(version, MemorySegment.ofArray(pages.relationMap(tablespace, oid)), 0);
        }

        boolean attributes() {
            final List<StoredAttribute> own = AttributeColumns.of(version);
            final Map<String, Integer> names = new HashMap<>();
            for (int i = 0; i < own.size(); i++) {
                names.put(own.get(i).name(), i);
            }
            final CatalogColumns columns =
                    new CatalogColumns(DeformPlan.compile(own), names, batch, detoaster, encoding);
            final boolean any = attributeTable.read(
                    mapped(PG_ATTRIBUTE), pages, visibility, changed, batch, columns, AttributeColumns::row);
            if (any) {
                attributes.clear();
                for (final AttributeRow row : attributeTable.rows()) {
                    if (row.number() > 0) {
                        attributes
                                .computeIfAbsent(row.relation(), none -> new ArrayList<>())
                                .add(row);
                    }
                }
                attributes.values().forEach(list -> list.sort((a, b) -> Integer.compare(a.number(), b.number())));
            }
            return any;
        }

        boolean classes() {
            final boolean any = read(
                    classTable,
                    PG_CLASS,
                    mapped(PG_CLASS),
                    columns -> new ClassRow(
                            columns.int32("oid"),
                            columns.name("relname"),
                            columns.int32("relnamespace"),
                            columns.character("relkind"),
                            columns.character("relpersistence"),
                            columns.int32("relfilenode"),
                            columns.int32("reltablespace"),
                            columns.int32("reltoastrelid")));
            // The map of relations may have changed without pg_class.
            relations.clear();
            toastRelations.clear();
            for (final ClassRow row : classTable.rows()) {
                relations.put(row.oid(), relation(row));
                if (row.toast() != 0) {
                    toastRelations.put(row.oid(), row.toast());
                }
            }
            return any;
        }

        private RelationRow relation(final ClassRow row) {
            final boolean isShared = row.tablespace() == RelFileLocator.GLOBAL_TABLESPACE;
            final int file = row.file() != 0 ? row.file() : (isShared ? shared : local).find(row.oid());
            final RelFileLocator locator = file == 0
                    ? null
                    : new RelFileLocator(
                            row.tablespace() == 0 ? database.tablespace() : row.tablespace(),
                            isShared ? 0 : database.oid(),
                            file);
            return new RelationRow(row.oid(), row.name(), row.schema(), row.kind(), row.persistence(), locator);
        }

        boolean rest() {
            boolean any = read(
                    typeTable,
                    PG_TYPE,
                    located(PG_TYPE),
                    columns -> new TypeRow(
                            columns.int32("oid"),
                            columns.name("typname"),
                            columns.int16("typlen"),
                            columns.character("typtype"),
                            columns.character("typcategory"),
                            columns.character("typdelim"),
                            columns.int32("typrelid"),
                            columns.int32("typelem"),
                            columns.character("typalign"),
                            columns.character("typstorage"),
                            columns.int32("typbasetype"),
                            columns.int32("typtypmod")));
            any |= read(
                    enumTable,
                    PG_ENUM,
                    located(PG_ENUM),
                    columns -> new EnumRow(
                            columns.int32("oid"), columns.int32("enumtypid"), columns.nameBytes("enumlabel")));
            any |= read(
                    rangeTable,
                    PG_RANGE,
                    located(PG_RANGE),
                    columns -> new RangeRow(
                            columns.int32("rngtypid"), columns.int32("rngsubtype"), columns.int32("rngmultitypid")));
            any |= read(
                    inheritsTable,
                    PG_INHERITS,
                    located(PG_INHERITS),
                    columns -> new InheritsRow(
                            columns.int32("inhrelid"), columns.int32("inhparent"), columns.int32("inhseqno")));
            any |= schemas();
            if (any) {
                index();
            }
            return any;
        }

        private boolean schemas() {
            boolean any = read(
                    schemaTable,
                    PG_NAMESPACE,
                    located(PG_NAMESPACE),
                    columns -> new SchemaRow(columns.int32("oid"), columns.name("nspname")));
            any |= read(
                    indexTable,
                    PG_INDEX,
                    located(PG_INDEX),
                    columns -> columns.flag("indisprimary") && columns.flag("indisvalid")
                            ? new IndexRow(columns.int32("indexrelid"), columns.int32("indrelid"))
                            : new IndexRow(columns.int32("indexrelid"), 0));
            return any;
        }

        private <T> boolean read(
                final CatalogTable<T> table,
                final int oid,
                final RelFileLocator locator,
                final Function<CatalogColumns, T> row) {
            final List<AttributeRow> rows = attributes.getOrDefault(oid, List.of());
            final Map<String, Integer> names = new HashMap<>();
            for (int i = 0; i < rows.size(); i++) {
                names.put(rows.get(i).name(), i);
            }
            final CatalogColumns columns = new CatalogColumns(plan(oid), names, batch, detoaster, encoding);
            return table.read(locator, pages, visibility, changed, batch, columns, row);
        }

        private RelFileLocator mapped(final int oid) {
            return new RelFileLocator(database.tablespace(), database.oid(), local.find(oid));
        }

        private RelFileLocator located(final int oid) {
            final RelationRow row = relations.get(oid);
            if (row == null || row.locator() == null) {
                throw new MalformedDataException(
                        "pg_class of the database " + database.name() + " has no catalog " + oid);
            }
            return row.locator();
        }
    }

    private void index() {
        typeRows.clear();
        labels.clear();
        ranges.clear();
        schemas.clear();
        primaryIndexes.clear();
        schemaTable.rows().forEach(row -> schemas.put(row.oid(), row.name()));
        indexTable.rows().forEach(row -> primaryIndexes.put(row.relation(), row.oid()));
        typeTable.rows().forEach(row -> typeRows.put(row.oid(), row));
        enumTable
                .rows()
                .forEach(row -> labels.computeIfAbsent(row.type(), none -> new HashMap<>())
                        .put(row.oid(), row.label()));
        for (final RangeRow row : rangeTable.rows()) {
            ranges.put(row.type(), row);
            ranges.put(row.multirange(), row);
        }
    }

    /** All relations. */
    public Collection<RelationRow> relations() {
        return Collections.unmodifiableCollection(relations.values());
    }

    /** The relation of an OID; null when there is none. */
    public RelationRow relation(final int oid) {
        return relations.get(oid);
    }

    /** The OID of a relation's TOAST table; 0 when it has none. */
    public int toastRelation(final int oid) {
        return toastRelations.getOrDefault(oid, 0);
    }

    /** The OID of a relation's valid primary key, as each TOAST table has one; 0 when it has none. */
    public int primaryIndex(final int relation) {
        return primaryIndexes.getOrDefault(relation, 0);
    }

    /** The name of a schema. */
    public String schema(final int oid) {
        final String name = schemas.get(oid);
        if (name == null) {
            throw new MalformedDataException("pg_namespace of the database " + database.name() + " has no schema "
                    + Integer.toUnsignedString(oid));
        }
        return name;
    }

    /** The database that it is of. */
    public DatabaseRow database() {
        return database;
    }

    /** The attributes of a relation in their order, dropped ones too. */
    public List<AttributeRow> attributes(final int relation) {
        return Collections.unmodifiableList(attributes.getOrDefault(relation, List.of()));
    }

    /** How a relation's tuples are taken apart. */
    public DeformPlan plan(final int relation) {
        final List<StoredAttribute> stored = new ArrayList<>();
        for (final AttributeRow row : attributes.getOrDefault(relation, List.of())) {
            stored.add(new StoredAttribute(row.name(), row.length(), row.alignment(), row.missing()));
        }
        return DeformPlan.compile(stored);
    }

    /** The OIDs of a relation's children, partitions too. */
    public List<Integer> children(final int parent) {
        final List<Integer> children = new ArrayList<>();
        for (final InheritsRow row : inheritsTable.rows()) {
            if (row.parent() == parent) {
                children.add(row.child());
            }
        }
        Collections.sort(children);
        return children;
    }

    /** A type with all that it is made of. */
    public TypeDescription type(final int oid) {
        final TypeDescription known = types.get(oid);
        if (known != null) {
            return known;
        }
        final TypeRow row = typeRows.get(oid);
        if (row == null) {
            throw new MalformedDataException(
                    "pg_type of the database " + database.name() + " has no type " + Integer.toUnsignedString(oid));
        }
        final ValueKind kind = ValueKind.of(oid, row.name(), row.type(), row.category(), row.length(), row.element());
        final TypeDescription made = new TypeDescription(
                oid,
                row.name(),
                kind,
                row.length(),
                TypeDescription.alignmentOf(row.alignment()),
                row.storage(),
                row.delimiter(),
                element(kind, row),
                kind == ValueKind.COMPOSITE ? parts(row.relation()) : List.of(),
                kind == ValueKind.ENUM ? new EnumLabels(labels.getOrDefault(oid, Map.of())) : null,
                row.modifier());
        types.put(oid, made);
        return made;
    }

    private TypeDescription element(final ValueKind kind, final TypeRow row) {
        return switch (kind) {
            case ARRAY -> type(row.element());
            case DOMAIN -> type(row.base());
            case RANGE -> type(range(row).subtype());
            case MULTIRANGE -> type(range(row).type());
            default -> null;
        };
    }

    private RangeRow range(final TypeRow row) {
        final RangeRow range = ranges.get(row.oid());
        if (range == null) {
            throw new MalformedDataException("pg_range has no row of the type " + row.name());
        }
        return range;
    }

    private List<CompositeAttribute> parts(final int relation) {
        final List<CompositeAttribute> parts = new ArrayList<>();
        for (final AttributeRow row : attributes.getOrDefault(relation, List.of())) {
            parts.add(new CompositeAttribute(
                    row.name(), row.dropped() ? null : type(row.type()), row.length(), row.alignment()));
        }
        return parts;
    }

    /** How many catalog blocks were read since the beginning. */
    public long blocksRead() {
        return attributeTable.blocksRead()
                + classTable.blocksRead()
                + typeTable.blocksRead()
                + enumTable.blocksRead()
                + rangeTable.blocksRead()
                + inheritsTable.blocksRead()
                + schemaTable.blocksRead()
                + indexTable.blocksRead();
    }

    @Override
    public void close() {
        decompressor.close();
    }
}
