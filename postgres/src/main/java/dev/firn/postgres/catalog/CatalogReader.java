package dev.firn.postgres.catalog;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.file.RelationMap;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.visibility.RowVisibility;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Finds databases and relations by name, in the catalogs' own heap pages. Catalogs are scanned from the first block on until the row is
 * found: no index is needed.
 */
public final class CatalogReader {
    // OIDs of catalogs, which never change: catalog/pg_*.h.
    private static final int PG_CLASS = 1259;
    private static final int PG_DATABASE = 1262;
    private static final int PG_NAMESPACE = 2615;

    // Offsets of columns: FormData_pg_database, FormData_pg_class, FormData_pg_namespace. The first is the OID, the
    // second the name.
    private static final int OID = 0;
    private static final int NAME = 4;
    private static final int DATABASE_ENCODING = 72;
    private static final int DATABASE_TABLESPACE = 92;
    private static final int CLASS_SCHEMA = 68;
    private static final int CLASS_FILE = 88;
    private static final int CLASS_TABLESPACE = 92;
    private static final int CLASS_PERSISTENCE = 114;
    private static final int CLASS_KIND = 115;

    private final PostgresVersion version;
    private final CatalogPages pages;
    private final RowVisibility visibility;
    private final Map<Integer, RelationMap> maps = new HashMap<>();
    private final MemorySegment memory = MemorySegment.ofArray(new long[PageLayout.PAGE_BYTES / Long.BYTES]);
    private final PageFlyweight page = new PageFlyweight();
    private final HeapTupleFlyweight tuple = new HeapTupleFlyweight();
    private final CatalogRow row = new CatalogRow(tuple);

    public CatalogReader(final PostgresVersion version, final CatalogPages pages) {
        this.version = version;
        this.pages = pages;
        this.visibility = new RowVisibility(pages);
    }

    /** The database of a name. */
    public Optional<DatabaseRow> database(final String name) {
        return find(
                databasesFile(),
                found -> found.name(NAME, NameEncoding.SHARED).equals(name) ? databaseRow(found) : null);
    }

    /** All databases, templates too. */
    public List<DatabaseRow> databases() {
        final List<DatabaseRow> databases = new ArrayList<>();
        find(databasesFile(), CatalogReader::databaseRow, databases::add);
        return databases;
    }

    private RelFileLocator databasesFile() {
        return new RelFileLocator(
                RelFileLocator.GLOBAL_TABLESPACE, 0, sharedMap().find(PG_DATABASE));
    }

    private static DatabaseRow databaseRow(final CatalogRow found) {
        return new DatabaseRow(
                found.oid(OID),
                found.name(NAME, NameEncoding.SHARED),
                found.oid(DATABASE_TABLESPACE),
                found.oid(DATABASE_ENCODING));
    }

    /** The schema of a name. */
    public Optional<Integer> schema(final DatabaseRow database, final String name) {
        final RelationRow catalog = relation(database, PG_NAMESPACE)
                .orElseThrow(
                        () -> new MalformedDataException("the database " + database.name() + " has no pg_namespace"));
        final NameEncoding encoding = NameEncoding.of(database);
        return find(catalog.locator(), found -> found.name(NAME, encoding).equals(name) ? found.oid(OID) : null);
    }

    /** The relation of a name in a schema. */
    public Optional<RelationRow> relation(final DatabaseRow database, final int schema, final String name) {
        final NameEncoding encoding = NameEncoding.of(database);
        return find(
                classOf(database),
                found -> found.oid(CLASS_SCHEMA) == schema
                                && found.name(NAME, encoding).equals(name)
                        ? relationRow(database, found)
                        : null);
    }

    /** The relation of an OID. */
    public Optional<RelationRow> relation(final DatabaseRow database, final int oid) {
        return find(classOf(database), found -> found.oid(OID) == oid ? relationRow(database, found) : null);
    }

    private RelFileLocator classOf(final DatabaseRow database) {
        return new RelFileLocator(
                database.tablespace(), database.oid(), databaseMap(database).find(PG_CLASS));
    }

    /** RelationInitPhysicalAddr of relcache.c. */
    private RelationRow relationRow(final DatabaseRow database, final CatalogRow found) {
        final int oid = found.oid(OID);
        final int named = found.oid(CLASS_TABLESPACE);
        final boolean shared = named == RelFileLocator.GLOBAL_TABLESPACE;
        final int stored = found.oid(CLASS_FILE);
        final int file = stored != 0 ? stored : (shared ? sharedMap() : databaseMap(database)).find(oid);
        return new RelationRow(
                oid,
                found.name(NAME, NameEncoding.of(database)),
                found.oid(CLASS_SCHEMA),
                found.character(CLASS_KIND),
                found.character(CLASS_PERSISTENCE),
                file == 0
                        ? null
                        : new RelFileLocator(
                                named == 0 ? database.tablespace() : named, shared ? 0 : database.oid(), file));
    }

    private RelationMap sharedMap() {
        return map(RelFileLocator.GLOBAL_TABLESPACE, 0);
    }

    private RelationMap databaseMap(final DatabaseRow database) {
        return map(database.tablespace(), database.oid());
    }

    private RelationMap map(final int tablespace, final int database) {
        return maps.computeIfAbsent(database, any -> {
            final byte[] bytes = pages.relationMap(tablespace, database);
            if (bytes.length < version.relationMapBytes()) {
                throw new MalformedDataException("a relation map of " + bytes.length + " bytes");
            }
            return new RelationMap().wrap(version, MemorySegment.ofArray(bytes), 0);
        });
    }

    /** The first row version that a snapshot sees and that makes something of itself. */
    private <T> Optional<T> find(final RelFileLocator catalog, final Function<CatalogRow, T> wanted) {
        final List<T> first = new ArrayList<>(1);
        find(catalog, wanted, found -> {
            first.add(found);
            return false;
        });
        return first.isEmpty() ? Optional.empty() : Optional.of(first.getFirst());
    }

    private <T> void find(
            final RelFileLocator catalog, final Function<CatalogRow, T> wanted, final Predicate<T> goesOn) {
        final long blocks = pages.blocks(catalog, Fork.MAIN);
        for (long block = 0; block < blocks; block++) {
            pages.page(catalog, Fork.MAIN, block, memory);
            page.wrap(memory, 0);
            if (page.isNew()) {
                continue;
            }
            for (int offset = 1; offset <= page.linePointerCount(); offset++) {
                if (LinePointer.state(page.linePointer(offset)) != LinePointer.NORMAL) {
                    continue;
                }
                tuple.wrap(page, offset);
                // What was found is looked at before a page of an SLRU is asked for.
                final T found = wanted.apply(row);
                if (found != null && visibility.isVisible(tuple) && !goesOn.test(found)) {
                    return;
                }
            }
        }
    }
}
