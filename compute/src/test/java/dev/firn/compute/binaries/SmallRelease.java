package dev.firn.compute.binaries;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;

/** A jar made like those of the releases, whose programs are scripts that only tell their version. */
final class SmallRelease {
    private static final int EXECUTABLE = 0755;

    private SmallRelease() {}

    static Path jar(final Path directory, final int major) throws IOException {
        return jar(directory, major, "share/readme");
    }

    /** With a further file of a name that may be one that no honest jar has. */
    static Path jar(final Path directory, final int major, final String further) throws IOException {
        final Path jar = directory.resolve("small-" + major + ".jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            zip.putNextEntry(new ZipEntry("postgres-linux-x86_64.txz"));
            final TarArchiveOutputStream tar = new TarArchiveOutputStream(new XZCompressorOutputStream(new Kept(zip)));
            for (final String program : new String[] {"postgres", "initdb", "pg_ctl"}) {
                add(tar, "bin/" + program, script(program, major), EXECUTABLE);
            }
            add(tar, "lib/libpq.so.5.1", "library", 0644);
            final TarArchiveEntry link = new TarArchiveEntry("lib/libpq.so", TarConstants.LF_SYMLINK);
            link.setLinkName("libpq.so.5.1");
            tar.putArchiveEntry(link);
            tar.closeArchiveEntry();
            add(tar, further, "further", 0600);
            tar.close();
        }
        return jar;
    }

    static String script(final String program, final int major) {
        return "#!/bin/sh\necho '" + program + " (PostgreSQL) " + major + ".99'\n";
    }

    static PostgresRelease release(final int major, final Path jar) throws Exception {
        final byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar));
        return new PostgresRelease(major, major + ".99.0", HexFormat.of().formatHex(digest));
    }

    private static void add(final TarArchiveOutputStream tar, final String name, final String content, final int mode)
            throws IOException {
        final byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        final TarArchiveEntry entry = new TarArchiveEntry(name, true);
        entry.setSize(bytes.length);
        entry.setMode(mode);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }

    /** Leaves the zip file open when what is packed into it is whole. */
    private static final class Kept extends OutputStream {
        private final OutputStream stream;

        Kept(final OutputStream stream) {
            this.stream = stream;
        }

        @Override
        public void write(final int value) throws IOException {
            stream.write(value);
        }

        @Override
        public void write(final byte[] bytes, final int offset, final int length) throws IOException {
            stream.write(bytes, offset, length);
        }
    }
}
