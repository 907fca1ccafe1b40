package dev.firn.postgres.version;

/**
 * The major versions of Postgres that Firn reads, one row each. The numbers are those of the headers of the released
 * versions: they never change within a major.
 *
 * <p>What came with a major and stayed is a method that says since when, so that a major between two others needs nothing but its row.
 * Each is named for what it means; nothing else asks which version it is.
 */
public enum PostgresVersion {
    /** Full-page images may be compressed by pglz, lz4 or zstd. */
    V15(15, 0xD110, 1300, 202209061, 62, 4),

    /** Prune and freeze are one record; checkpoints mark their redo point in the WAL and carry the WAL level. */
    V17(17, 0xD116, 1700, 202406281, 64, 0);

    private static final PostgresVersion[] ALL = values();

    private final int major;
    private final int walPageMagic;
    private final int controlVersion;
    private final int catalogVersion;
    private final int relationMapEntries;
    private final int relationMapPaddingBytes;

    PostgresVersion(
            final int major,
            final int walPageMagic,
            final int controlVersion,
            final int catalogVersion,
            final int relationMapEntries,
            final int relationMapPaddingBytes) {
        this.major = major;
        this.walPageMagic = walPageMagic;
        this.controlVersion = controlVersion;
        this.catalogVersion = catalogVersion;
        this.relationMapEntries = relationMapEntries;
        this.relationMapPaddingBytes = relationMapPaddingBytes;
    }

    /** The number that PG_VERSION holds. */
    public int major() {
        return major;
    }

    /** The first two bytes of every WAL page: XLOG_PAGE_MAGIC of access/xlog_internal.h. */
    public int walPageMagic() {
        return walPageMagic;
    }

    /** PG_CONTROL_VERSION of catalog/pg_control.h. Neighbouring majors may share it. */
    public int controlVersion() {
        return controlVersion;
    }

    /** CATALOG_VERSION_NO of catalog/catversion.h: it names the major, and it is the same in all its released minors. */
    public int catalogVersion() {
        return catalogVersion;
    }

    /** MAX_MAPPINGS of relmapper.c: how many mappings {@code pg_filenode.map} has room for. */
    public int relationMapEntries() {
        return relationMapEntries;
    }

    /** Bytes after the checksum of {@code pg_filenode.map}: until 15 they round the file up to 512. */
    public int relationMapPaddingBytes() {
        return relationMapPaddingBytes;
    }

    /** Size of {@code pg_filenode.map}, and of the map in a RelMap record: magic, count, mappings, checksum, padding. */
    public int relationMapBytes() {
        return 4 + 4 + 8 * relationMapEntries + 4 + relationMapPaddingBytes;
    }

    /** Size of an SLRU's page number in a record: an int until 16, an int64 since. The pages themselves are no more than before. */
    public int slruPageNumberBytes() {
        return major >= 17 ? Long.BYTES : Integer.BYTES;
    }

    /**
     * Whether checkpoints and end-of-recovery records name the WAL level (in a checkpoint, in what was alignment before: no other field
     * moves).
     */
    public boolean checkpointCarriesWalLevel() {
        return major >= 17;
    }

    /**
     * Whether Heap2's three info values from 0x10 are PRUNE_ON_ACCESS, PRUNE_VACUUM_SCAN and PRUNE_VACUUM_CLEANUP with one
     * payload (xl_heap_prune of access/heapam_xlog.h in 17), not PRUNE, VACUUM and FREEZE_PAGE with one each.
     */
    public boolean combinedPruneFreeze() {
        return major >= 17;
    }

    /**
     * Whether records that remove index entries tell if the table is a catalog ({@code isCatalogRel}, since 16): what follows it in the
     * record lies further back.
     */
    public boolean recordsTellCatalogRelation() {
        return major >= 16;
    }

    /**
     * Whether Hash's SQUEEZE_PAGE moves the LSN of the page that takes tuples even when it takes none and nothing else of it changes.
     */
    public boolean squeezeAlwaysMovesLsn() {
        return major < 17;
    }

    /**
     * Whether pages by which a visibility map grows are written as empty pages (vm_extend of visibilitymap.c until 15), and not as
     * zeroes.
     */
    public boolean extendsMapInitialized() {
        return major < 16;
    }

    /** Whether the name of a file in {@code pg_twophase} begins with the transaction's epoch: TwoPhaseFilePath of twophase.c. */
    public boolean twoPhaseNameHasEpoch() {
        return major >= 17;
    }

    /**
     * The version with this major number.
     *
     * @throws IllegalArgumentException when Firn does not read it.
     */
    public static PostgresVersion ofMajor(final int major) {
        for (final PostgresVersion version : ALL) {
            if (version.major == major) {
                return version;
            }
        }
        throw new IllegalArgumentException("Postgres " + major + " is not supported: Firn reads " + supported());
    }

    /** The version whose WAL pages begin with this magic, or null: a stale or foreign page is for the reader to judge. */
    public static PostgresVersion ofWalPageMagic(final int magic) {
        for (final PostgresVersion version : ALL) {
            if (version.walPageMagic == magic) {
                return version;
            }
        }
        return null;
    }

    /**
     * The version that wrote a control file. The control version alone does not tell neighbouring majors apart.
     *
     * @throws IllegalArgumentException when no supported version writes this pair.
     */
    public static PostgresVersion ofControlFile(final int controlVersion, final int catalogVersion) {
        for (final PostgresVersion version : ALL) {
            if (version.controlVersion == controlVersion && version.catalogVersion == catalogVersion) {
                return version;
            }
        }
        throw new IllegalArgumentException("control version " + controlVersion + " with catalog version "
                + catalogVersion + " is of no supported Postgres: Firn reads " + supported());
    }

    private static String supported() {
        final StringBuilder text = new StringBuilder();
        for (final PostgresVersion version : ALL) {
            text.append(text.isEmpty() ? "" : ", ").append(version.major);
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return "Postgres " + major;
    }
}
