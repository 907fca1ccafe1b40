package dev.firn.server.attachment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.server.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttachmentStoreTest {
    private static final Attachment MAIN = new Attachment("main", 16, Attachment.Wish.FOLLOW);

    @TempDir
    private Path folder;

    @Test
    void shouldRememberAttachmentsAndKeepTheirSecretsToTheOwner() throws IOException {
        final AttachmentStore store = new AttachmentStore(folder);
        assertThat(store.load()).isEmpty();
        store.create(MAIN, "host=db1 password=geheim");
        final Attachment other = new Attachment("a_b-2", 17, Attachment.Wish.FOLLOW);
        store.create(other, "host=db2");
        assertThat(new AttachmentStore(folder).load()).containsExactly(other, MAIN);

        final Path itsFolder = store.folderOf("main");
        assertThat(itsFolder.resolve("primary.conninfo")).hasContent("host=db1 password=geheim");
        for (final String file : new String[] {"primary.conninfo", "attachment.json"}) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(itsFolder.resolve(file))))
                    .as(file)
                    .isEqualTo("rw-------");
        }
        assertThat(itsFolder.resolve("attachment.json")).content().doesNotContain("geheim");
    }

    @Test
    void shouldRememberWhatWasWishedLastAndForget() {
        final AttachmentStore store = new AttachmentStore(folder);
        store.create(MAIN, "host=db1");
        store.save(MAIN.withWish(Attachment.Wish.PURGE));
        assertThat(store.load()).containsExactly(MAIN.withWish(Attachment.Wish.PURGE));
        store.forget("main");
        assertThat(store.load()).isEmpty();
        assertThat(store.folderOf("main")).doesNotExist();
    }

    @Test
    void shouldTakeAwayWhatACrashLeft() throws IOException {
        final AttachmentStore store = new AttachmentStore(folder);
        store.create(MAIN, "host=db1");
        Files.delete(store.folderOf("main").resolve("attachment.json"));
        assertThat(store.load()).isEmpty();
        assertThat(store.folderOf("main")).doesNotExist();
    }

    @Test
    void shouldRefuseADamagedOrNewerFile() throws IOException {
        final AttachmentStore store = new AttachmentStore(folder);
        store.create(MAIN, "host=db1");
        final Path file = store.folderOf("main").resolve("attachment.json");
        final String right = Files.readString(file);
        for (final String wrong : new String[] {
            "", "{", "{}", right.replace("16", "17"), right.replace("follow", "purge"), right.replace("follow", "x")
        }) {
            Files.writeString(file, wrong);
            assertThatThrownBy(store::load)
                    .as(wrong)
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining("attachment.json is damaged");
        }
        Files.writeString(file, right.replace("\"format\" : 1", "\"format\" : 2"));
        assertThatThrownBy(store::load).hasMessageContaining("is in format 2 and this version of firn knows up to 1");
    }
}
