package dev.firn.compute.binaries;

import dev.firn.compute.ComputeException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** The jar of a release: a zip file with one tar file in it, packed by xz, that holds bin, lib and share. */
final class ReleaseArchive {
    private static final String PACKED_SUFFIX = ".txz";
    private static final int ANY_EXECUTE = 0111;
    /** The largest so far, 18, unpacks to 60 MB. */
    private static final long MAX_UNPACKED_BYTES = 512L << 20;

    private static final int CHUNK_BYTES = 1 << 16;

    private final Path jar;

    ReleaseArchive(final Path jar) {
        this.jar = jar;
    }

    /** Refuses another jar than the one that the table was made with. */
    void verify(final PostgresRelease release) {
        final String found = sha256();
        if (!found.equals(release.sha256())) {
            throw new ComputeException(
                    "the jar of " + release.coordinates() + " is not the one that Firn knows: its SHA-256 is "
                            + found + " in place of " + release.sha256()
                            + "; it is not used. Delete it from the local Maven repository and try again");
        }
    }

    private String sha256() {
        try (InputStream stream = Files.newInputStream(jar)) {
            final MessageDigest digest = MessageDigest.getInstance("SHA-256");
            final byte[] chunk = new byte[CHUNK_BYTES];
            for (int read = stream.read(chunk); read >= 0; read = stream.read(chunk)) {
                digest.update(chunk, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (final IOException e) {
            throw new ComputeException("cannot read " + jar + ": " + e, e);
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Unpacks into a directory, readable by everybody. */
    void unpack(final Path directory) {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            final ZipEntry packed = zip.stream()
                    .filter(entry -> entry.getName().endsWith(PACKED_SUFFIX))
                    .findFirst()
                    .orElseThrow(() -> new ComputeException("there is no " + PACKED_SUFFIX + " file in " + jar));
            try (TarArchiveInputStream tar = new TarArchiveInputStream(
                    new XZCompressorInputStream(new BufferedInputStream(zip.getInputStream(packed), CHUNK_BYTES)))) {
                long left = MAX_UNPACKED_BYTES;
                for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                    left -= entry.getSize();
                    if (left < 0) {
                        throw new ComputeException(jar + " unpacks to more than " + MAX_UNPACKED_BYTES + " bytes");
                    }
                    unpack(entry, tar, directory);
                }
            }
        } catch (final IOException e) {
            throw new ComputeException("cannot unpack " + jar + " into " + directory + ": " + e, e);
        }
    }

    private void unpack(final TarArchiveEntry entry, final InputStream content, final Path directory)
            throws IOException {
        final Path target = inside(directory, directory.resolve(entry.getName()));
        if (entry.isDirectory()) {
            makeDirectories(directory, target);
            return;
        }
        makeDirectories(directory, target.getParent());
        if (entry.isSymbolicLink()) {
            inside(directory, target.resolveSibling(entry.getLinkName()));
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else if (entry.isLink()) {
            Files.createLink(target, inside(directory, directory.resolve(entry.getLinkName())));
        } else {
            Files.copy(content, target);
            final boolean executable = (entry.getMode() & ANY_EXECUTE) != 0;
            Files.setPosixFilePermissions(
                    target, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
        }
    }

    private Path inside(final Path directory, final Path path) {
        final Path normal = path.normalize();
        if (!normal.startsWith(directory)) {
            throw new ComputeException(jar + " holds an entry that leaves its directory: " + path);
        }
        return normal;
    }

    private static void makeDirectories(final Path root, final Path directory) throws IOException {
        Files.createDirectories(directory);
        for (Path path = directory; path.startsWith(root); path = path.getParent()) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }
}
