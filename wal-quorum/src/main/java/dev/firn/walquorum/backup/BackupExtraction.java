package dev.firn.walquorum.backup;

import dev.firn.nativeio.checksum.Crc32c;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.Iterator;

/**
 * Carries one archive's members to a target, and holds them against the index on the way: each member is the next one of the index,
 * with its checksum.
 */
final class BackupExtraction implements TarHandler {
    private final String what;
    private final int number;
    private final BackupArchive archive;
    private final Iterator<BackupFile> index;
    private final BackupTarget target;
    private final TarReader reader;
    private BackupFile expected;
    private int crc;

    /**
     * @param what how the archive is called in errors.
     * @param index at the archive's first file.
     */
    BackupExtraction(
            final String what,
            final int number,
            final BackupArchive archive,
            final Iterator<BackupFile> index,
            final BackupTarget target) {
        this.what = what;
        this.number = number;
        this.archive = archive;
        this.index = index;
        this.target = target;
        this.reader = new TarReader(what, this);
    }

    void take(final MemorySegment bytes, final long offset, final long lengthBytes) {
        reader.feed(bytes, offset, lengthBytes);
    }

    /** @param archiveCrc CRC-32C of all that has come. */
    void finish(final int archiveCrc) {
        reader.finish();
        if (archiveCrc != archive.crc()) {
            throw new BackupException(what + " is damaged: its checksum is "
                    + HexFormat.of().toHexDigits(archiveCrc) + ", not "
                    + HexFormat.of().toHexDigits(archive.crc()));
        }
    }

    @Override
    public void onEntry(final TarEntry entry) {
        expected = index.hasNext() ? index.next() : null;
        if (expected == null
                || expected.archive() != number
                || expected.kind() != entry.kind()
                || !expected.path().equals(entry.path())
                || expected.offset() != entry.offset()
                || expected.lengthBytes() != entry.lengthBytes()) {
            throw new BackupException(what + " has " + entry.path() + " where the index of files has "
                    + (expected == null ? "nothing" : expected.path()));
        }
        crc = 0;
        try {
            switch (entry.kind()) {
                case FILE -> target.beginFile(archive, expected);
                case DIRECTORY -> target.directory(archive, expected);
                case LINK -> target.link(archive, expected);
            }
        } catch (final IOException e) {
            throw failed(entry, e);
        }
    }

    @Override
    public void onContent(final MemorySegment bytes, final long offset, final long lengthBytes) {
        crc = Crc32c.update(crc, bytes, offset, lengthBytes);
        try {
            target.write(bytes, offset, lengthBytes);
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot write " + expected.path(), e);
        }
    }

    @Override
    public void onEntryEnd(final TarEntry entry) {
        if (entry.kind() != FileKind.FILE) {
            return;
        }
        if (crc != expected.crc()) {
            throw new BackupException(what + " is damaged: the checksum of " + entry.path() + " is "
                    + HexFormat.of().toHexDigits(crc) + ", not "
                    + HexFormat.of().toHexDigits(expected.crc()));
        }
        try {
            target.endFile();
        } catch (final IOException e) {
            throw failed(entry, e);
        }
    }

    private static UncheckedIOException failed(final TarEntry entry, final IOException e) {
        return new UncheckedIOException("cannot write " + entry.path(), e);
    }
}
