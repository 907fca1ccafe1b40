package dev.firn.s3tier.location;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.s3tier.backend.StoreBackend;
import dev.firn.s3tier.crt.AddressingStyle;
import dev.firn.s3tier.crt.BodyChecksum;
import dev.firn.s3tier.crt.CrtBackend;
import dev.firn.s3tier.crt.CrtConfig;
import dev.firn.s3tier.crt.CrtCredentials;
import dev.firn.s3tier.crt.CrtProxy;
import dev.firn.s3tier.directory.DirectoryBackend;
import dev.firn.s3tier.directory.DirectoryConfig;
import dev.firn.s3tier.directory.StoreRefusedException;
import dev.firn.s3tier.location.StoreLocation.BucketLocation;
import dev.firn.s3tier.location.StoreLocation.DirectoryLocation;
import dev.firn.s3tier.session.SessionStore;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.random.RandomGenerator;

/** Opens the store that a location names. */
public final class ObjectStores {
    private ObjectStores() {}

    /**
     * Opens a store. A bucket is not asked for before the first call; a directory must be there.
     *
     * @param random see {@link SessionStore#over}.
     * @throws StoreOpeningException when it cannot be opened: one sentence that says why.
     */
    public static ObjectStore open(
            final StoreLocation location, final StoreLimits limits, final Clock clock, final RandomGenerator random) {
        return SessionStore.over(openBackend(location, limits, clock, random), clock, random);
    }

    /** What {@link #open} stands on: for who must see what the store itself does. */
    public static StoreBackend openBackend(
            final StoreLocation location, final StoreLimits limits, final Clock clock, final RandomGenerator random) {
        return switch (location) {
            case DirectoryLocation directory -> openDirectory(directory.directory(), limits, clock, random);
            case BucketLocation bucket -> openBucket(bucket, limits, clock);
        };
    }

    /** Whether there is a store already. Opening a directory makes it one; a bucket is one as soon as it is there. */
    public static boolean isMade(final StoreLocation location) {
        return switch (location) {
            case DirectoryLocation directory -> DirectoryAddress.isStore(directory.directory());
            case BucketLocation _ -> true;
        };
    }

    private static StoreBackend openDirectory(
            final Path directory, final StoreLimits limits, final Clock clock, final RandomGenerator random) {
        if (!Files.isDirectory(directory)) {
            throw new StoreOpeningException(
                    Files.exists(directory)
                            ? directory + " is no directory: name the one that the store is in"
                            : "there is no directory " + directory + ": create it first",
                    null);
        }
        try {
            // The host's storage holds nothing open of its own.
            return DirectoryBackend.open(
                    new HostStorage(directory, clock),
                    directory.toString(),
                    DirectoryConfig.DEFAULT,
                    limits,
                    clock,
                    random);
        } catch (final StoreRefusedException e) {
            throw new StoreOpeningException(e.getMessage(), e);
        } catch (final StorageException e) {
            throw new StoreOpeningException("the file system of " + directory + " fails: " + e.getMessage(), e);
        }
    }

    private static StoreBackend openBucket(final BucketLocation location, final StoreLimits limits, final Clock clock) {
        final Path ca = pathOrNull(location.setting(StoreSetting.CA));
        if (ca != null && !Files.isReadable(ca)) {
            throw new StoreOpeningException("the file of ca=" + ca + " is not there, or may not be read", null);
        }
        final String endpoint = location.setting(StoreSetting.ENDPOINT);
        if ("virtual".equals(location.setting(StoreSetting.STYLE)) && endpoint != null && isAddress(endpoint)) {
            throw new StoreOpeningException(
                    "style=virtual puts the bucket before the server's name, and " + endpoint
                            + " has only an address: take style=path",
                    null);
        }
        try {
            return CrtBackend.open(config(location, ca, limits), clock);
        } catch (final RuntimeException e) {
            throw new StoreOpeningException(e.getMessage(), e);
        }
    }

    private static CrtConfig config(final BucketLocation location, final Path ca, final StoreLimits limits) {
        final CrtConfig.Builder config = CrtConfig.ofBucket(location.bucket())
                .prefix(location.prefix())
                .limits(limits)
                .caFile(ca)
                .verifyTls(!isTrue(location, StoreSetting.INSECURE))
                .credentials(credentials(location))
                .proxy(proxy(location.setting(StoreSetting.PROXY)));
        final String endpoint = location.setting(StoreSetting.ENDPOINT);
        if (endpoint != null) {
            config.endpoint(URI.create(endpoint));
        }
        final String region = location.setting(StoreSetting.REGION);
        if (region != null) {
            config.region(region);
        }
        final String style = location.setting(StoreSetting.STYLE);
        if (style != null) {
            config.style(style.equals("path") ? AddressingStyle.PATH : AddressingStyle.VIRTUAL_HOST);
        }
        final String checksum = location.setting(StoreSetting.CHECKSUM);
        if (checksum != null) {
            config.checksum(
                    switch (checksum) {
                        case "crc32c" -> BodyChecksum.CRC32C;
                        case "crc64nvme" -> BodyChecksum.CRC64NVME;
                        case "md5" -> BodyChecksum.MD5;
                        case "none" -> BodyChecksum.NONE;
                        default -> throw new IllegalArgumentException("there is no checksum " + checksum);
                    });
        }
        return config.build();
    }

    private static CrtCredentials credentials(final BucketLocation location) {
        if (isTrue(location, StoreSetting.ANONYMOUS)) {
            return CrtCredentials.ANONYMOUS;
        }
        final String profile = location.setting(StoreSetting.PROFILE);
        return profile == null ? CrtCredentials.CHAIN : new CrtCredentials.Profile(profile, null, null);
    }

    private static CrtProxy proxy(final String setting) {
        if (setting == null) {
            return CrtProxy.FROM_ENVIRONMENT;
        } else if (setting.equals("none")) {
            return CrtProxy.NONE;
        }
        final URI uri = URI.create(setting);
        final int port = uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equals("https") ? 443 : 80;
        return new CrtProxy.At(uri.getHost(), port, null, null);
    }

    /** An IPv6 address, or an IPv4 one: no name has a last part of digits. */
    private static boolean isAddress(final String endpoint) {
        final String host = URI.create(endpoint).getHost();
        return host.startsWith("[") || host.matches(".*\\.[0-9]+");
    }

    private static boolean isTrue(final BucketLocation location, final StoreSetting setting) {
        return Boolean.parseBoolean(location.setting(setting));
    }

    private static Path pathOrNull(final String path) {
        return path == null ? null : Path.of(path);
    }
}
