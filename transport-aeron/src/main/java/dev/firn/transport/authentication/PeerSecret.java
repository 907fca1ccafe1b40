package dev.firn.transport.authentication;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What the nodes of one deployment have in common and nobody else knows. Who holds it may speak for any of them.
 *
 * <p>It comes from a file that its owner alone may read. It is never shown, and leaves this class only as a keyed hash.
 * Immutable.
 */
public final class PeerSecret {
    /** As long as the hash that it keys; shorter ones could be guessed. */
    public static final int MIN_BYTES = 32;

    /** A longer file is something else. */
    public static final int MAX_BYTES = 4_096;

    private static final String ALGORITHM = "HmacSHA256";

    private static final Set<PosixFilePermission> OWNERS = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private final SecretKeySpec key;

    private PeerSecret(final byte[] bytes) {
        this.key = new SecretKeySpec(bytes, ALGORITHM);
    }

    /** A secret of these bytes, which are copied. */
    public static PeerSecret of(final byte[] bytes) {
        if (bytes.length < MIN_BYTES || bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException("a peer secret of " + bytes.length + " bytes is not within " + MIN_BYTES
                    + ".." + MAX_BYTES + " bytes");
        }
        return new PeerSecret(bytes);
    }

    /**
     * Reads the secret: all bytes of the file, but for line ends behind them.
     *
     * @throws IllegalArgumentException one sentence that names the file: it is missing, others may read it, or its length is
     *     none of a secret.
     */
    public static PeerSecret read(final Path file) {
        final byte[] bytes = new byte[MAX_BYTES + 1];
        try (SeekableByteChannel channel = Files.newByteChannel(file, StandardOpenOption.READ)) {
            final PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
            if (!attributes.isRegularFile()) {
                throw new IllegalArgumentException("the peer secret " + file + " is not a file");
            }
            if (!OWNERS.containsAll(attributes.permissions())) {
                throw new IllegalArgumentException("the peer secret " + file + " has mode "
                        + PosixFilePermissions.toString(attributes.permissions())
                        + ": others than its owner may use it; give it mode 0600");
            }
            int length = Channels.newInputStream(channel).readNBytes(bytes, 0, bytes.length);
            while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r')) {
                length--;
            }
            if (length < MIN_BYTES || length > MAX_BYTES) {
                throw new IllegalArgumentException("the peer secret " + file + " has "
                        + (length > MAX_BYTES ? "more than " + MAX_BYTES : length) + " bytes; it needs " + MIN_BYTES
                        + " to "
                        + MAX_BYTES);
            }
            return new PeerSecret(Arrays.copyOf(bytes, length));
        } catch (final NoSuchFileException e) {
            throw new IllegalArgumentException("the peer secret " + file + " does not exist", e);
        } catch (final IOException e) {
            throw new IllegalArgumentException("the peer secret " + file + " cannot be read: " + e.getMessage(), e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /**
     * Makes a file with a new secret, unless there is one.
     *
     * @param random {@link dev.firn.nativeio.seam.SystemRandom#secure}, but for tests.
     * @return whether it was made.
     */
    public static boolean create(final Path file, final RandomGenerator random) {
        final byte[] bytes = new byte[MIN_BYTES];
        random.nextBytes(bytes);
        final Path unnamed = file.resolveSibling(
                file.getFileName() + ".new-" + HexFormat.of().toHexDigits(random.nextLong()));
        try {
            Files.createFile(
                    unnamed, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try {
                Files.writeString(unnamed, HexFormat.of().formatHex(bytes) + "\n", StandardCharsets.US_ASCII);
                // A link, not a rename: whoever was first wins, and nobody sees half a secret.
                Files.createLink(file, unnamed);
                return true;
            } finally {
                Files.delete(unnamed);
            }
        } catch (final FileAlreadyExistsException e) {
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
            throw new UncheckedIOException("cannot make the peer secret " + file, e);
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot make the peer secret " + file, e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /** A keyed hash with this secret as its key; for one thread. */
    Mac newMac() {
        return newMac(key);
    }

    /** A keyed hash with another key. */
    static Mac newMac(final byte[] key) {
        return newMac(new SecretKeySpec(key, ALGORITHM));
    }

    private static Mac newMac(final SecretKeySpec key) {
        try {
            final Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac;
        } catch (final NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("the JDK has no " + ALGORITHM, e);
        }
    }

    @Override
    public String toString() {
        return "PeerSecret[not shown]";
    }
}
