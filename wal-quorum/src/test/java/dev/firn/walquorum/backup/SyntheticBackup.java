package dev.firn.walquorum.backup;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.walquorum.pgwire.BackupTablespace;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A base backup as Postgres would send it: archives and a manifest, made of a seed. */
final class SyntheticBackup {
    static final long START = 0x1_0200_0028L;
    static final long END = 0x1_0200_0200L;
    static final BackupSource SOURCE = new BackupSource(77, 17, "17.11 (test)");
    private static final long SPACE = 16_500;

    final Map<String, byte[]> archives = new LinkedHashMap<>();
    final Map<String, byte[]> files = new LinkedHashMap<>();
    final byte[] manifest;

    private SyntheticBackup(final byte[] manifest) {
        this.manifest = manifest;
    }

    /** @param largestBytes of a file. */
    static SyntheticBackup of(final long seed, final int fileCount, final int largestBytes) {
        final RandomGenerator random = SystemRandom.seeded(seed);
        final SyntheticBackup parts = new SyntheticBackup(new byte[0]);
        final List<String> lines = new ArrayList<>();
        parts.archives.put(SPACE + ".tar", parts.space(random, lines, largestBytes));
        parts.archives.put("base.tar", parts.base(random, lines, fileCount, largestBytes));
        final SyntheticBackup whole = new SyntheticBackup(manifestOf(lines));
        whole.archives.putAll(parts.archives);
        whole.files.putAll(parts.files);
        return whole;
    }

    static List<BackupTablespace> tablespaces() {
        return List.of(new BackupTablespace(SPACE, "/srv/space", 100), new BackupTablespace(0, "", 1_000));
    }

    private byte[] space(final RandomGenerator random, final List<String> lines, final int largestBytes) {
        final String root = "PG_17_202406281";
        return tar(out -> {
            directory(out, root + "/");
            directory(out, root + "/5/");
            file(out, "pg_tblspc/" + SPACE + "/", root + "/5/16501", bytes(random, largestBytes), lines);
        });
    }

    private byte[] base(
            final RandomGenerator random, final List<String> lines, final int fileCount, final int largestBytes) {
        return tar(out -> {
            final String label = "START WAL LOCATION: 1/2000028 (file 000000010000000100000002)\n"
                    + "CHECKPOINT LOCATION: 1/2000060\nBACKUP METHOD: streamed\nBACKUP FROM: primary\n"
                    + "START TIME: 2026-11-21 17:30:00 UTC\nLABEL: firn's\nSTART TIMELINE: 1\n";
            file(out, "", "backup_label", label.getBytes(StandardCharsets.UTF_8), lines);
            file(out, "", "tablespace_map", (SPACE + " /srv/space\n").getBytes(StandardCharsets.UTF_8), lines);
            directory(out, "base/");
            directory(out, "base/5/");
            directory(out, "global/");
            directory(out, "pg_wal/");
            file(out, "", "PG_VERSION", "17\n".getBytes(StandardCharsets.UTF_8), lines);
            for (int i = 0; i < fileCount; i++) {
                file(out, "", "base/5/" + (16_384 + i), bytes(random, random.nextInt(largestBytes + 1)), lines);
            }
            file(out, "", "global/pg_control", bytes(random, 8_192), lines);
        });
    }

    private static byte[] bytes(final RandomGenerator random, final int length) {
        final byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private interface Members {
        void write(TarArchiveOutputStream out) throws IOException;
    }

    private static byte[] tar(final Members members) {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes, 512)) {
            out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            members.write(out);
        } catch (final IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }

    private static void directory(final TarArchiveOutputStream out, final String name) throws IOException {
        final TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setMode(0700);
        out.putArchiveEntry(entry);
        out.closeArchiveEntry();
    }

    private void file(
            final TarArchiveOutputStream out,
            final String root,
            final String name,
            final byte[] content,
            final List<String> lines)
            throws IOException {
        final TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setMode(0600);
        entry.setModTime(1_700_000_000_000L);
        entry.setSize(content.length);
        out.putArchiveEntry(entry);
        out.write(content);
        out.closeArchiveEntry();
        files.put(root + name, content);
        final int crc = Integer.reverseBytes(Crc32c.compute(content, 0, content.length));
        lines.add("{ \"Path\": \"" + root + name + "\", \"Size\": " + content.length
                + ", \"Last-Modified\": \"2023-11-14 22:13:20 GMT\", \"Checksum-Algorithm\": \"CRC32C\", \"Checksum\": \""
                + HexFormat.of().toHexDigits(crc) + "\" }");
    }

    static byte[] manifestOf(final List<String> lines) {
        final String body = "{ \"PostgreSQL-Backup-Manifest-Version\": 2,\n\"System-Identifier\": 77,\n\"Files\": [\n"
                + String.join(",\n", lines)
                + "\n],\n\"WAL-Ranges\": [\n{ \"Timeline\": 1, \"Start-LSN\": \"1/2000028\", \"End-LSN\": \"1/2000200\" }\n],\n";
        try {
            final byte[] digest = MessageDigest.getInstance("SHA-256").digest(body.getBytes(StandardCharsets.UTF_8));
            return (body + "\"Manifest-Checksum\": \"" + HexFormat.of().formatHex(digest) + "\"}\n")
                    .getBytes(StandardCharsets.UTF_8);
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
