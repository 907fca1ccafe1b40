package dev.firn.compute.process;

import dev.firn.compute.ComputeException;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who runs Postgres. {@code postgres} and {@code initdb} refuse to run as root, so a root program drops to {@code postgres} where
 * that user exists, else to {@code nobody}, by setpriv(1) of util-linux; anybody else stays who they are.
 *
 * @param name     the user, as in passwd(5)
 * @param groupId  its group; only asked for when dropping
 * @param dropping whether this program is root and has to become that user
 */
public record UnprivilegedUser(String name, String groupId, boolean dropping) {
    private static final int ROOT = 0;
    private static final List<String> CANDIDATES = List.of("postgres", "nobody");
    private static final List<Path> SETPRIV = List.of(Path.of("/usr/bin/setpriv"), Path.of("/bin/setpriv"));
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** The user for this process. */
    public static UnprivilegedUser find() {
        return among(CANDIDATES);
    }

    /** The first that exists of those to whom root may drop. */
    public static UnprivilegedUser among(final List<String> candidates) {
        final Path self = Path.of("/proc/self");
        try {
            final int uid = (Integer) Files.getAttribute(self, "unix:uid");
            if (uid != ROOT) {
                return new UnprivilegedUser(Files.getOwner(self).getName(), "", false);
            }
            for (final String candidate : candidates) {
                if (exists(candidate)) {
                    return new UnprivilegedUser(candidate, groupOf(candidate), true);
                }
            }
        } catch (final IOException e) {
            throw new ComputeException("cannot tell which user this is from /proc/self: " + e.getMessage(), e);
        }
        throw new ComputeException("Postgres refuses to run as root, and there is no user "
                + String.join(" or ", candidates) + " to run it: add one, or run as somebody else");
    }

    private static boolean exists(final String name) throws IOException {
        try {
            FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(name);
            return true;
        } catch (final UserPrincipalNotFoundException e) {
            return false;
        }
    }

    /** The command that runs a program as this user. */
    public List<String> command(final List<String> program) {
        return dropping ? prefixed(program, List.of()) : program;
    }

    /**
     * The command that runs a program as this user, and
     *
     * <ul>
     *   <li>has the kernel send it a signal when the <em>thread</em> that started it ends, by whatever cause: prctl(2),
     *       PR_SET_PDEATHSIG. So it is to be started from a thread that outlives it;
     *   <li>in a session of its own, by setsid(1), which only forks when it leads a process group, as a child of the JVM does not.
     *       Ctrl-C in a terminal then reaches this program alone, which stops the other in its turn.
     * </ul>
     *
     * Without util-linux, which only root cannot do without, it is the plain command.
     */
    public List<String> boundCommand(final List<String> program, final String signal) {
        if (!dropping && SETPRIV.stream().noneMatch(Files::isExecutable)) {
            return program;
        }
        final List<String> inSession = new ArrayList<>(List.of("setsid"));
        inSession.addAll(program);
        return prefixed(inSession, List.of("--pdeathsig=" + signal));
    }

    private List<String> prefixed(final List<String> program, final List<String> options) {
        final Optional<Path> setpriv =
                SETPRIV.stream().filter(Files::isExecutable).findFirst();
        if (setpriv.isEmpty()) {
            throw new ComputeException("setpriv is needed to run Postgres as " + name
                    + ": install it (Debian, Ubuntu: apt-get install util-linux)");
        }
        final List<String> command = new ArrayList<>();
        command.add(setpriv.get().toString());
        if (dropping) {
            command.add("--reuid=" + name);
            command.add("--regid=" + groupId);
            command.add("--init-groups");
        }
        command.addAll(options);
        command.add("--");
        command.addAll(program);
        return List.copyOf(command);
    }

    private static String groupOf(final String name) {
        final ShortCommand.Result result = ShortCommand.run(List.of("id", "-g", name), LIMIT);
        if (!result.succeeded()) {
            throw new ComputeException("cannot tell the group of the user " + name + ": "
                    + result.output().strip());
        }
        return result.output().strip();
    }

    /** Makes a directory, and its parents, that is this user's alone. One that is there already is taken over. */
    public void makePrivateDirectory(final Path directory) {
        try {
            Files.createDirectories(directory);
            own(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        } catch (final IOException e) {
            throw new ComputeException("cannot make " + directory + " for the user " + name + ": " + e, e);
        }
    }

    /** Hands a file or directory, not what is in it, to this user. */
    public void own(final Path path) throws IOException {
        if (!dropping) {
            return;
        }
        final FileSystem fileSystem = path.getFileSystem();
        final UserPrincipal principal =
                fileSystem.getUserPrincipalLookupService().lookupPrincipalByName(name);
        Files.getFileAttributeView(path, PosixFileAttributeView.class).setOwner(principal);
    }

    /**
     * Checks that this user may enter a directory, which takes the right to pass every one above it.
     *
     * @throws ComputeException that names the first directory in the way
     */
    public void requireEntry(final Path directory) {
        if (entered(directory)) {
            return;
        }
        Path barrier = directory.getRoot();
        for (final Path part : directory) {
            barrier = barrier.resolve(part);
            if (!entered(barrier)) {
                break;
            }
        }
        throw new ComputeException("the user " + name + ", who runs Postgres because root may not, cannot enter "
                + barrier + ": choose another place for " + directory + ", or chmod o+x " + barrier);
    }

    private boolean entered(final Path directory) {
        return ShortCommand.run(command(List.of("test", "-x", directory.toString())), LIMIT)
                .succeeded();
    }
}
