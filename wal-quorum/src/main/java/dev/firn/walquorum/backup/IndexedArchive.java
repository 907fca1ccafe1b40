package dev.firn.walquorum.backup;

import dev.firn.nativeio.checksum.Crc32c;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One archive as it goes by: its files go to the index and the tally, and the few small ones that say what the backup is are kept.
 */
final class IndexedArchive implements TarHandler {
    static final String LABEL = "backup_label";
    static final String VERSION = "PG_VERSION";
    static final String CONTROL = "global/pg_control";

    private static final Set<String> KEPT = Set.of(LABEL, VERSION);
    private static final int MAX_KEPT_BYTES = 64 << 10;

    private final int number;
    private final BackupArchive archive;
    private final TarReader reader;
    private final FileTally tally;
    private final Consumer<BackupFile> files;
    private final Map<String, byte[]> kept = new HashMap<>();
    private boolean hasControl;
    private int archiveCrc;
    private int fileCrc;
    private ByteArrayOutputStream keeping;

    /**
     * @param archive its length and checksum are not known yet.
     * @param tally of the files of all archives.
     */
    IndexedArchive(
            final int number, final BackupArchive archive, final FileTally tally, final Consumer<BackupFile> files) {
        this.number = number;
        this.archive = archive;
        this.reader = new TarReader(archive.name(), this);
        this.tally = tally;
        this.files = files;
    }

    String name() {
        return archive.name();
    }

    long tablespaceOid() {
        return archive.tablespaceOid();
    }

    long lengthBytes() {
        return reader.position();
    }

    void feed(final MemorySegment bytes, final long offset, final long lengthBytes) {
        archiveCrc = Crc32c.update(archiveCrc, bytes, offset, lengthBytes);
        reader.feed(bytes, offset, lengthBytes);
    }

    /** The archive has ended: what is known of it now. */
    BackupArchive finish() {
        reader.finish();
        if (archive.tablespaceOid() == 0 && (!kept.keySet().containsAll(KEPT) || !hasControl)) {
            throw new BackupException(archive.name() + " lacks " + LABEL + ", " + VERSION + " or " + CONTROL
                    + ": it is no data directory");
        }
        return new BackupArchive(
                archive.name(), archive.tablespaceOid(), archive.location(), reader.position(), archiveCrc);
    }

    /** A file that was kept, once it has gone by. */
    byte[] kept(final String path) {
        return kept.get(path);
    }

    @Override
    public void onEntry(final TarEntry entry) {
        fileCrc = 0;
        keeping = null;
        if (archive.tablespaceOid() == 0 && entry.kind() == FileKind.FILE) {
            hasControl |= entry.path().equals(CONTROL);
            if (KEPT.contains(entry.path())) {
                if (entry.lengthBytes() > MAX_KEPT_BYTES) {
                    throw new BackupException(
                            entry.path() + " has " + entry.lengthBytes() + " bytes, which makes no sense");
                }
                keeping = new ByteArrayOutputStream();
            }
        }
    }

    @Override
    public void onContent(final MemorySegment bytes, final long offset, final long lengthBytes) {
        fileCrc = Crc32c.update(fileCrc, bytes, offset, lengthBytes);
        if (keeping != null) {
            keeping.writeBytes(bytes.asSlice(offset, lengthBytes).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Override
    public void onEntryEnd(final TarEntry entry) {
        if (keeping != null) {
            kept.put(entry.path(), keeping.toByteArray());
            keeping = null;
        }
        if (entry.kind() == FileKind.FILE) {
            tally.add(archive.pathPrefix() + entry.path(), entry.lengthBytes(), fileCrc);
        }
        files.accept(new BackupFile(
                number,
                entry.kind(),
                entry.path(),
                entry.linkTarget(),
                entry.mode(),
                entry.modifiedEpochSeconds(),
                entry.offset(),
                entry.lengthBytes(),
                fileCrc));
    }
}
