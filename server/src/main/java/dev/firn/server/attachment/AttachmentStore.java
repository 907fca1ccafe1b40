package dev.firn.server.attachment;

import dev.firn.server.CommandException;
import dev.firn.server.home.PrivateText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The attachments of a data directory. Thread-safe by its owner's lock only. */
public final class AttachmentStore {
    /** The file in an attachment's folder that holds libpq's connection string. */
    public static final String CONNINFO = "primary.conninfo";

    private static final String FILE = "attachment.json";
    private static final String FOLDER = "attachments";

    private final Path folder;

    public AttachmentStore(final Path dataDirectory) {
        this.folder = dataDirectory.resolve(FOLDER);
    }

    /** Where an attachment's files are. */
    public Path folderOf(final String name) {
        return folder.resolve(name);
    }

    /** All of them, by name. What a crash left of one that was being made, or forgotten, is taken away. */
    public List<Attachment> load() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        final List<Attachment> found = new ArrayList<>();
        for (final Path entry : entries()) {
            final Path file = entry.resolve(FILE);
            final Optional<String> text = PrivateText.read(file);
            if (text.isPresent()) {
                found.add(Attachment.decode(file, text.get()));
            } else {
                delete(entry);
            }
        }
        return List.copyOf(found);
    }

    private List<Path> entries() {
        try (Stream<Path> stream = Files.list(folder)) {
            return stream.sorted().toList();
        } catch (final IOException e) {
            throw new CommandException(folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** The connection string of one; empty when there is none of that name. */
    public Optional<String> conninfo(final String name) {
        return PrivateText.read(folderOf(name).resolve(CONNINFO)).map(String::strip);
    }

    /** Makes one, or gives one that is there another connection string: durable when this returns. */
    public void create(final Attachment attachment, final String conninfo) {
        PrivateText.createFolder(folder);
        final Path itsFolder = folderOf(attachment.name());
        PrivateText.createFolder(itsFolder);
        PrivateText.replace(itsFolder.resolve(CONNINFO), conninfo + "\n");
        // The attachment is there with this file.
        save(attachment);
    }

    /** Remembers what was asked for last. */
    public void save(final Attachment attachment) {
        PrivateText.replace(folderOf(attachment.name()).resolve(FILE), attachment.encode());
    }

    /** Forgets one, the conninfo first after the fact that it is one. */
    public void forget(final String name) {
        final Path itsFolder = folderOf(name);
        try {
            Files.deleteIfExists(itsFolder.resolve(FILE));
            PrivateText.syncDirectory(itsFolder);
        } catch (final IOException e) {
            throw new CommandException(itsFolder + " cannot be deleted: " + e.getMessage(), e);
        }
        delete(itsFolder);
    }

    private void delete(final Path itsFolder) {
        try (Stream<Path> files = Files.walk(itsFolder)) {
            for (final Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
            PrivateText.syncDirectory(folder);
        } catch (final IOException e) {
            throw new CommandException(itsFolder + " cannot be deleted: " + e.getMessage(), e);
        }
    }
}
