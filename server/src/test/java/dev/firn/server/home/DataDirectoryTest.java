package dev.firn.server.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.server.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    @TempDir
    private Path folder;

    @Test
    void shouldMakeADirectoryAndOpenItAgain() throws IOException {
        final Path path = folder.resolve("a/b");
        open(path).close();
        assertThat(path.resolve("firn.version")).hasContent("format 1\ncrc32c 82e9cd7e");
        open(path).close();
        assertThat(entries(path)).containsExactlyInAnyOrder("firn.version", "lock");
    }

    @Test
    void shouldTellWhoHoldsADirectoryThatIsOpen() {
        try (DataDirectory held = open(folder)) {
            assertThatThrownBy(() -> open(folder))
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining("firn is up on " + held.path() + " already");
        }
        open(folder).close();
    }

    @Test
    void shouldRefuseANewerFormatAndLeaveItAlone() throws IOException {
        final String newer = FormatFile.content(2);
        Files.writeString(folder.resolve("firn.version"), newer);
        assertThatThrownBy(() -> open(folder))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("is in format 2 and this version of firn knows up to 1: run a newer firn");
        assertThat(folder.resolve("firn.version")).hasContent(newer);
    }

    @Test
    void shouldRefuseADamagedOrUnknownFormat() throws IOException {
        for (final String content : new String[] {"", "format 1\n", "format 1\ncrc32c 00000000\n", "hello\n"}) {
            Files.writeString(folder.resolve("firn.version"), content);
            assertThatThrownBy(() -> open(folder))
                    .as(content)
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining("is damaged");
        }
        Files.writeString(folder.resolve("firn.version"), FormatFile.content(0));
        assertThatThrownBy(() -> open(folder)).hasMessageContaining("which no version of firn has written");
    }

    @Test
    void shouldRefuseAFolderOfSomethingElseAndWriteNothingIntoIt() throws IOException {
        Files.writeString(folder.resolve("thesis.txt"), "years of work");
        assertThatThrownBy(() -> open(folder))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("holds thesis.txt and no firn.version");
        assertThat(entries(folder)).containsExactly("thesis.txt");
    }

    @Test
    void shouldFinishAFirstStartThatACrashCutShort() throws IOException {
        Files.createDirectory(folder.resolve("log"));
        Files.writeString(folder.resolve("lock"), "process 1\n");
        Files.writeString(folder.resolve("firn.version.new"), "form");
        open(folder).close();
        assertThat(entries(folder)).containsExactlyInAnyOrder("firn.version", "lock", "log");
    }

    @Test
    void shouldRefuseAFileInPlaceOfADirectory() throws IOException {
        final Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> open(file))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("the data directory " + file + " cannot be used");
    }

    @Test
    void shouldPublishAndWithdrawTheRunningProcess() {
        final UpRecord upRecord = new UpRecord(ProcessIdentity.current(), "http://127.0.0.1:1/", "1.0");
        try (DataDirectory directory = open(folder)) {
            directory.publish(upRecord);
            assertThat(UpRecord.read(folder)).contains(upRecord);
            assertThat(UpRecord.require(folder)).isEqualTo(upRecord);
            directory.withdraw();
            assertThat(UpRecord.read(folder)).isEmpty();
            directory.withdraw();
        }
    }

    @Test
    void shouldNotTakeAnotherProcessWithTheSameIdForTheOneThatWasUp() {
        final ProcessIdentity me = ProcessIdentity.current();
        try (DataDirectory directory = open(folder)) {
            directory.publish(new UpRecord(
                    new ProcessIdentity(me.pid(), me.startTicks() - 1, me.bootId()), "http://127.0.0.1:1/", "1.0"));
            assertThatThrownBy(() -> UpRecord.require(folder))
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining("ended without a clean stop");
        }
    }

    @Test
    void shouldSayWhatToDoAboutADamagedRecord() throws IOException {
        for (final String content : new String[] {"", "{", "{}", "[1]", "{\"pid\":1,\"startTicks\":2}"}) {
            Files.writeString(folder.resolve("up.json"), content);
            assertThatThrownBy(() -> UpRecord.require(folder))
                    .as(content)
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining("up.json is damaged");
        }
    }

    private static DataDirectory open(final Path path) {
        return DataDirectory.open(path, HostStorage::new);
    }

    private static java.util.List<String> entries(final Path path) throws IOException {
        try (Stream<Path> stream = Files.list(path)) {
            return stream.map(entry -> entry.getFileName().toString()).toList();
        }
    }
}
