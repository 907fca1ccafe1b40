package dev.firn.s3tier.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.ConditionFailed;
import dev.firn.s3tier.backend.AttemptResult.Missing;
import dev.firn.s3tier.backend.AttemptResult.ObjectFound;
import dev.firn.s3tier.backend.AttemptResult.ObjectWritten;
import dev.firn.s3tier.backend.AttemptResult.ObjectsDeleted;
import dev.firn.s3tier.backend.AttemptResult.PageListed;
import dev.firn.s3tier.backend.AttemptResult.UploadAborted;
import dev.firn.s3tier.backend.AttemptResult.UploadCreated;
import dev.firn.s3tier.backend.AttemptResult.UploadsListed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.ListOutcome.ListedObject;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.WriteStamp;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the store in a directory is beyond the contract: files that others can read, and that others may have
 * written.
 */
class DirectoryBackendTest {
    @TempDir
    Path directory;

    private long descriptors;
    private Driven store;

    @BeforeEach
    void open() throws IOException {
        descriptors = openDescriptors();
        store = opened();
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        assertThat(openDescriptors()).as("descriptors left open").isEqualTo(descriptors);
        if (Files.exists(directory.resolve(".firn/tmp"))) {
            try (Stream<Path> left = Files.list(directory.resolve(".firn/tmp"))) {
                assertThat(left).as("left in .firn/tmp").isEmpty();
            }
        }
    }

    private Driven opened() {
        return new Driven(new HostStorage(directory), directory.toString(), SystemClock.INSTANCE, Thread::onSpinWait);
    }

    private static long openDescriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    private static String etag(final AttemptResult result) {
        return switch (result) {
            case ObjectWritten written -> written.etag();
            case ObjectFound found -> found.etag();
            default -> throw new AssertionError(result);
        };
    }

    private static void assertFailed(final AttemptResult result, final FailureKind kind, final String words) {
        assertThat(result).isInstanceOfSatisfying(AttemptFailed.class, failed -> {
            assertThat(failed.kind()).isEqualTo(kind);
            assertThat(failed.message()).contains(words);
        });
    }

    private List<ListedObject> listed() {
        return ((PageListed) store.run(new AttemptRequest.ListPage("", "", null, 1_000)))
                .page()
                .objects();
    }

    @Test
    void shouldKeepAnObjectAsAFileUnderItsKey() throws IOException {
        store.put("lake/orders/part 1.parquet", "rows");
        assertThat(directory.resolve("lake/orders/part 1.parquet")).hasContent("rows");
        assertThat(store.backend.addressOf("lake/orders/part 1.parquet"))
                .isEqualTo("file://" + directory + "/lake/orders/part%201.parquet");
    }

    @Test
    void shouldTakeFilesOfOthersAsObjects() throws IOException {
        Files.createDirectories(directory.resolve("by/hand"));
        Files.writeString(directory.resolve("by/hand/file"), "one");
        final String first = etag(store.head("by/hand/file"));
        assertThat(store.text("by/hand/file")).isEqualTo("one");
        assertThat(listed()).singleElement().satisfies(object -> {
            assertThat(object.key()).isEqualTo("by/hand/file");
            assertThat(object.etag()).isEqualTo(first);
        });
        Files.writeString(directory.resolve("by/hand/file"), "three");
        assertThat(store.put("by/hand/file", "x", new Precondition.Matches(first)))
                .isInstanceOf(ConditionFailed.class);
        assertThat(store.put("by/hand/file", "x", new Precondition.Matches(etag(store.head("by/hand/file")))))
                .isInstanceOf(ObjectWritten.class);
    }

    @Test
    void shouldFindThatAFileWasChangedBehindItsBack() throws IOException {
        store.put("a", "content");
        Files.writeString(directory.resolve("a"), "contend");
        assertFailed(store.read("a"), FailureKind.CORRUPT, "checksum");
        Files.writeString(directory.resolve("a"), "content and more");
        assertFailed(store.read("a"), FailureKind.CORRUPT, "written with 7 bytes and has 16");
        assertFailed(store.head("a"), FailureKind.CORRUPT, "written with 7 bytes and has 16");
        assertThat(store.put("a", "again")).isInstanceOf(ObjectWritten.class);
        assertThat(store.text("a")).isEqualTo("again");
    }

    @Test
    void shouldGiveTheSameContentAnotherVersionEachTime() {
        final String first = etag(store.put("a", "same"));
        final String second = etag(store.put("a", "same"));
        assertThat(second).isNotEqualTo(first);
        assertThat(store.put("a", "other", new Precondition.Matches(first))).isInstanceOf(ConditionFailed.class);
        assertThat(store.put("a", "other", new Precondition.Matches(second))).isInstanceOf(ObjectWritten.class);
    }

    @Test
    void shouldRefuseAKeyThatIsTheDirectoryOfAnother() {
        store.put("a/b", "1");
        assertFailed(store.put("a", "2"), FailureKind.REJECTED, "objects below a/");
        assertFailed(store.put("a", "2", Precondition.ABSENT), FailureKind.REJECTED, "objects below a/");
        assertFailed(store.put("a/b/c", "2"), FailureKind.REJECTED, "is an object");
        assertThat(store.head("a")).isInstanceOf(Missing.class);
        assertThat(store.head("a/b/c")).isInstanceOf(Missing.class);
        assertThat(store.delete("a")).isInstanceOf(ObjectsDeleted.class);
        assertThat(store.text("a/b")).isEqualTo("1");
        store.delete("a/b");
        assertThat(store.put("a", "3")).isInstanceOf(ObjectWritten.class);
    }

    @Test
    void shouldLetEmptyDirectoriesGiveWayToAnObject() throws IOException {
        Files.createDirectories(directory.resolve("a/b/c"));
        Files.createDirectories(directory.resolve("a/d"));
        assertThat(listed()).isEmpty();
        assertThat(store.put("a", "1", Precondition.ABSENT)).isInstanceOf(ObjectWritten.class);
    }

    @Test
    void shouldLeaveNoEmptyDirectoryBehind() throws IOException {
        store.put("a/b/c/d", "1");
        store.put("a/x", "2");
        store.delete("a/b/c/d");
        assertThat(directory.resolve("a/b")).doesNotExist();
        assertThat(directory.resolve("a/x")).exists();
        store.run(new AttemptRequest.DeleteBatch(List.of("a/x", "never/there")));
        assertThat(directory.resolve("a")).doesNotExist();
    }

    @Test
    void shouldKeepItsOwnDirectoryOutOfTheKeys() {
        assertThat(store.put(".firn/format", "mine")).isInstanceOf(ObjectWritten.class);
        assertThat(store.text(".firn/format")).isEqualTo("mine");
        assertThat(listed()).extracting(ListedObject::key).containsExactly(".firn/format");
        assertThat(directory.resolve(".firn/format")).content().startsWith("firn object store");
    }

    @Test
    void shouldListAndAbortUploadsOfProcessesThatAreGone() {
        final AttemptResult created = store.run(new AttemptRequest.CreateUpload("up/load", WriteStamp.NONE));
        final String id = ((UploadCreated) created).uploadId();
        store.close();
        store = opened();
        assertThat(store.run(new AttemptRequest.ListUploads("up/", null, 10)))
                .isInstanceOfSatisfying(
                        UploadsListed.class,
                        list -> assertThat(list.uploads()).singleElement().satisfies(upload -> {
                            assertThat(upload.key()).isEqualTo("up/load");
                            assertThat(upload.uploadId()).isEqualTo(id);
                        }));
        assertThat(store.run(new AttemptRequest.UploadPart("up/load", id, 1, 0, store.bytes("x"), 0)))
                .isInstanceOf(Missing.class);
        assertThat(store.run(new AttemptRequest.AbortUpload("up/load", id))).isInstanceOf(UploadAborted.class);
        assertThat(store.run(new AttemptRequest.AbortUpload("up/load", id))).isInstanceOf(Missing.class);
    }

    @Test
    void shouldRefuseBytesThatDoNotHaveTheirChecksum() {
        assertFailed(
                store.run(new AttemptRequest.PutObject(
                        "a", List.of(store.bytes("content")), 17, Precondition.NONE, WriteStamp.NONE)),
                FailureKind.CORRUPT,
                "checksum");
        assertThat(store.head("a")).isInstanceOf(Missing.class);
    }

    @Test
    void shouldSayWhenTheDirectoryHasGone() throws IOException {
        store.put("a", "1");
        Files.move(directory.resolve(".firn"), directory.resolve("elsewhere"));
        assertFailed(store.head("b"), FailureKind.NO_SUCH_PLACE, "is the disk mounted?");
        assertFailed(store.read("b"), FailureKind.NO_SUCH_PLACE, directory.toString());
        assertFailed(store.put("b", "1"), FailureKind.NO_SUCH_PLACE, directory.toString());
        assertFailed(store.delete("b"), FailureKind.NO_SUCH_PLACE, directory.toString());
        Files.move(directory.resolve("elsewhere"), directory.resolve(".firn"));
    }

    @Test
    void shouldKeepItsIdentityAndRefuseALaterFormat() throws IOException {
        final String id = store.backend.storeId();
        store.close();
        store = opened();
        assertThat(store.backend.storeId()).isEqualTo(id);
        store.close();
        final Path format = directory.resolve(".firn/format");
        final String text = Files.readString(format);
        Files.writeString(format, text.replace("version 1", "version 9"));
        assertThatExceptionOfType(StoreRefusedException.class)
                .isThrownBy(this::opened)
                .withMessageContaining("later Firn (format 9");
        Files.writeString(format, text);
        store = opened();
    }

    @Test
    void shouldRefuseAFileSystemWithoutAttributes() {
        final HostStorage host = new HostStorage(directory);
        final var storage = (dev.firn.nativeio.storage.Storage) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {dev.firn.nativeio.storage.Storage.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("open")) {
                        throw new StorageException("FSETXATTR", "lock", -1, Errno.EOPNOTSUPP);
                    }
                    try {
                        return method.invoke(host, arguments);
                    } catch (final InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        assertThatExceptionOfType(StoreRefusedException.class)
                .isThrownBy(() -> new Driven(storage, "/place", SystemClock.INSTANCE, () -> {}))
                .withMessageContaining("no extended attributes")
                .withMessageContaining("ext4, XFS or Btrfs");
    }

    @Test
    void shouldOpenOnlyWhatIsADirectoryBelowOneThatIsThere() throws IOException {
        Files.writeString(directory.resolve("file"), "");
        assertThatExceptionOfType(StoreRefusedException.class)
                .isThrownBy(() ->
                        LocalDirectory.open(directory.resolve("file"), DirectoryConfig.DEFAULT, StoreLimits.DEFAULT))
                .withMessageContaining("is a file");
        assertThatExceptionOfType(StoreRefusedException.class)
                .isThrownBy(() -> LocalDirectory.open(
                        directory.resolve("not/there"), DirectoryConfig.DEFAULT, StoreLimits.DEFAULT))
                .withMessageContaining("cannot make the directory");
        LocalDirectory.open(directory.resolve("new"), DirectoryConfig.DEFAULT, StoreLimits.DEFAULT)
                .close();
        assertThat(directory.resolve("new/.firn/format")).exists();
    }
}
