package dev.firn.server.lake;

import dev.firn.s3tier.store.ListOutcome;
import dev.firn.s3tier.store.ListRequest;
import dev.firn.server.CommandException;
import dev.firn.server.store.ObjectDownload;
import dev.firn.server.store.StoreConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The objects of a bucket, each carried into a folder of its own while it is read: no more at a time than one table has. */
final class BucketFiles implements ExportedFiles {
    private final StoreConnection connection;
    private final ObjectDownload download;
    private final Path folder;
    private final Map<String, Path> held = new LinkedHashMap<>();
    private int count;

    /**
     * @param connection closed with this.
     * @param folder for what is carried; deleted with this.
     */
    BucketFiles(final StoreConnection connection, final ObjectDownload download, final Path folder) {
        this.connection = connection;
        this.download = download;
        this.folder = folder;
    }

    @Override
    public List<String> paths() {
        final List<String> paths = new ArrayList<>();
        connection.list(ListRequest.ofPrefix(""), page -> {
            page.objects().stream()
                    .map(ListOutcome.ListedObject::key)
                    .filter(key -> key.endsWith(SUFFIX))
                    .forEach(paths::add);
            return true;
        });
        return List.copyOf(paths);
    }

    @Override
    public Path open(final String path) {
        final Path known = held.get(path);
        if (known != null) {
            return known;
        }
        final Path file = folder.resolve(count++ + SUFFIX);
        held.put(path, file);
        download.toFile(path, file);
        return file;
    }

    @Override
    public void release() {
        try {
            for (final Path file : held.values()) {
                Files.deleteIfExists(file);
            }
        } catch (final IOException e) {
            throw new CommandException("cannot remove what was read from the bucket: " + e.getMessage(), e);
        }
        held.clear();
    }

    @Override
    public String addressOf(final String path) {
        return connection.addressOf(path);
    }

    @Override
    public void close() {
        try {
            release();
            Files.deleteIfExists(folder);
        } catch (final IOException e) {
            throw new CommandException("cannot remove " + folder + ": " + e.getMessage(), e);
        } finally {
            connection.close();
        }
    }
}
