package dev.firn.compute.instance;

import dev.firn.compute.ComputeException;
import dev.firn.compute.process.UnprivilegedUser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A server's directory: {@code data/}, {@code socket/} and {@code server.log}, with the rights that Postgres asks for. */
final class ServerDirectory {
    /** sun_path of unix(7) has 108, of which the last is a zero; the JDK, which asks whether the server is up, takes one less. */
    private static final int MAX_SOCKET_PATH_BYTES = 106;

    private final Path root;
    private final UnprivilegedUser user;
    private Path socket;

    ServerDirectory(final Path root, final UnprivilegedUser user) {
        this.root = root;
        this.user = user;
        this.socket = root.resolve("socket");
    }

    Path root() {
        return root;
    }

    Path data() {
        return root.resolve("data");
    }

    Path log() {
        return root.resolve("server.log");
    }

    /** Where the socket is: here, unless its path would be too long for the kernel. */
    Path socket() {
        return socket;
    }

    Path socketFile(final int port) {
        return socket.resolve(".s.PGSQL." + port);
    }

    boolean holdsCluster() {
        return Files.exists(data().resolve("PG_VERSION"));
    }

    void make() {
        user.makePrivateDirectory(root);
        user.requireEntry(root);
    }

    void makeSocket() {
        if (pathBytes(socket) > MAX_SOCKET_PATH_BYTES && socket.startsWith(root)) {
            try {
                socket = Files.createTempDirectory("firn-socket-");
            } catch (final IOException e) {
                throw new ComputeException("cannot make a directory for the socket: " + e.getMessage(), e);
            }
        }
        user.makePrivateDirectory(socket);
    }

    private static int pathBytes(final Path directory) {
        return directory.resolve(".s.PGSQL.65535").toString().getBytes(StandardCharsets.UTF_8).length;
    }

    /** When the server is gone: removes what had to be elsewhere. */
    void removeSocket(final int port) {
        if (socket.startsWith(root)) {
            return;
        }
        try {
            Files.deleteIfExists(socketFile(port));
            Files.deleteIfExists(Path.of(socketFile(port) + ".lock"));
            Files.deleteIfExists(socket);
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot delete " + socket, e);
        }
        socket = root.resolve("socket");
    }

    /** Hands over all of {@code data/}, and closes it to others. */
    void adopt() {
        make();
        try (Stream<Path> tree = Files.walk(data())) {
            for (final Path path : (Iterable<Path>) tree::iterator) {
                if (!Files.isSymbolicLink(path)) {
                    user.own(path);
                }
            }
        } catch (final IOException | UncheckedIOException e) {
            throw new ComputeException("cannot hand " + data() + " to the user " + user.name() + ": " + e, e);
        }
        user.makePrivateDirectory(data());
    }
}
