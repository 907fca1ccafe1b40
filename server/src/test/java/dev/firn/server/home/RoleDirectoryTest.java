package dev.firn.server.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.server.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoleDirectoryTest {
    private static final RoleIdentity NODE = new RoleIdentity("wal-node", 2, "prod");

    @TempDir
    private Path folder;

    @Test
    void shouldMakeADirectoryForItsOwnerAloneAndOpenItAgain() throws IOException {
        final Path path = folder.resolve("node");
        open(path, NODE).close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rwx------");
        assertThat(path.resolve("firn.role")).content().startsWith("role wal-node node 2 cluster prod\ncrc32c ");
        open(path, NODE).close();
    }

    @Test
    void shouldRefuseTheDirectoryOfAnotherAndLeaveItAlone() throws IOException {
        open(folder, NODE).close();
        final Map<String, String> before = contents();
        assertThatThrownBy(() -> open(folder, new RoleIdentity("wal-node", 2, "test")))
                .isInstanceOf(CommandException.class)
                .hasMessage(folder
                        + " belongs to the wal-node 2 of cluster prod, and this is the wal-node 2 of cluster test:"
                        + " name another directory in the configuration");
        assertThatThrownBy(() -> open(folder, new RoleIdentity("wal-node", 3, "prod")))
                .hasMessageContaining("this is the wal-node 3 of cluster prod");
        assertThatThrownBy(() -> open(folder, new RoleIdentity("receiver", 2, "prod")))
                .hasMessageContaining("this is the receiver 2 of cluster prod");
        assertThatThrownBy(
                        () -> DataDirectory.open(folder, HostStorage::new).cluster(new java.util.SplittableRandom(1)))
                .hasMessageContaining("belongs to the wal-node 2 of cluster prod");
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void shouldRefuseAFutureFormatAndWhatIsDamaged() throws IOException {
        open(folder, NODE).close();
        Files.writeString(folder.resolve("firn.version"), FormatFile.content(2));
        assertThatThrownBy(() -> open(folder, NODE))
                .isInstanceOf(CommandException.class)
                .hasMessageEndingWith(": run a newer firn on it, or name another directory in the configuration");
        Files.writeString(folder.resolve("firn.version"), FormatFile.content(1));
        for (final String content :
                new String[] {"", "role wal-node node 2 cluster prod\n", "role x\ncrc32c 00000000\n"}) {
            Files.writeString(folder.resolve("firn.role"), content);
            assertThatThrownBy(() -> open(folder, NODE)).as(content).hasMessageContaining("firn.role is damaged");
        }
        Files.delete(folder.resolve("firn.role"));
        assertThatThrownBy(() -> open(folder, NODE)).hasMessageContaining("belongs to something else of firn");
    }

    @Test
    void shouldRefuseAFolderOfSomethingElseButNotItsOwnConfiguration() throws IOException {
        Files.writeString(folder.resolve("wal-node.json"), "{}");
        Files.writeString(folder.resolve("primary.conninfo"), "host=db1");
        open(folder, NODE).close();
        final Path other = Files.createDirectory(folder.resolve("other"));
        Files.writeString(other.resolve("thesis.txt"), "years of work");
        assertThatThrownBy(() -> open(other, NODE)).hasMessageContaining("holds thesis.txt and no firn.version");
    }

    @Test
    void shouldSayWhoHoldsIt() {
        final RoleRecord found =
                new RoleRecord(ProcessIdentity.current(), "wal-node", "http://127.0.0.1:1/", "1", "/dev/shm/x");
        try (RoleDirectory held = open(folder, NODE)) {
            assertThatThrownBy(() -> open(folder, NODE)).hasMessageContaining("is held by another process");
            held.publish(found);
            assertThat(RoleRecord.read(folder)).contains(found);
            assertThatThrownBy(() -> open(folder, NODE))
                    .hasMessageContaining(
                            "is held by process " + found.process().pid());
            held.withdraw();
            assertThat(RoleRecord.read(folder)).isEmpty();
        }
        open(folder, NODE).close();
    }

    private static RoleDirectory open(final Path path, final RoleIdentity identity) {
        return RoleDirectory.open(path, identity, HostStorage::new);
    }

    private Map<String, String> contents() throws IOException {
        final Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (final Path file : files.toList()) {
                if (!file.getFileName().toString().equals("lock")) {
                    contents.put(file.getFileName().toString(), Files.readString(file));
                }
            }
        }
        return contents;
    }
}
