package dev.firn.server.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.columnar.transcode.LakeFile;
import dev.firn.columnar.transcode.LakeTable;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.catalog.RelationRow;
import dev.firn.s3tier.location.StoreLocation;
import dev.firn.server.CommandException;
import dev.firn.server.store.StoreConnection;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files are there whole or not at all, in a folder and in a store. */
final class ExportTargetTest {
    private static final int BYTES = 20 << 20;
    private static final String PATH = "postgres/public.t";

    @TempDir
    private Path folder;

    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("targets", 128 << 20));
    private final MemorySegment bytes = memory.allocate(BYTES, MemoryTag.of("test-bytes"));

    @AfterEach
    void everyAllocationIsFreed() {
        memory.free(bytes);
        assertThat(memory.usage().heldBytes()).isZero();
        memory.close();
    }

    @Test
    void shouldWriteIntoAFolder() throws Exception {
        try (ExportTarget target =
                ExportTargets.parse(folder.toString()).open(memory, SystemClock.INSTANCE, () -> false)) {
            shouldHoldWhatWasFinished(target);
        }
    }

    @Test
    void shouldWriteIntoAStore() throws Exception {
        try (ExportTarget target = new BucketTarget(
                StoreConnection.open(StoreLocation.parse(folder.toString()), SystemClock.INSTANCE, () -> false),
                memory)) {
            shouldHoldWhatWasFinished(target);
            final LakeFile again = target.create(PATH + "/one.parquet");
            write(again, 100);
            assertThatThrownBy(again::finish)
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining("nothing was written to");
            again.abandon();
        }
    }

    private void shouldHoldWhatWasFinished(final ExportTarget target) throws IOException {
        bytes.fill((byte) 7);
        assertThat(target.isFree(PATH)).isTrue();
        final LakeFile one = target.create(PATH + "/one.parquet");
        write(one, BYTES);
        assertThat(target.isFree(PATH) || folder.resolve(PATH).toFile().exists())
                .isTrue();
        one.finish();
        assertThat(target.isFree(PATH)).isFalse();
        assertThat(target.isFree("postgres/public.other")).isTrue();
        assertThat(Files.readAllBytes(folder.resolve(PATH + "/one.parquet")))
                .hasSize(BYTES)
                .containsOnly(7);

        final LakeFile begun = target.create(PATH + "/begun.parquet");
        write(begun, BYTES);
        begun.abandon();
        final LakeFile finished = target.create(PATH + "/finished.parquet");
        write(finished, 100);
        finished.finish();
        finished.abandon();
        try (Stream<Path> left = Files.list(folder.resolve(PATH))) {
            assertThat(left.map(path -> path.getFileName().toString())).containsExactly("one.parquet");
        }
    }

    private void write(final LakeFile file, final long length) {
        long done = 0;
        while (done < length) {
            done += file.offer(bytes, done, length - done);
        }
    }

    @Test
    void shouldNameFoldersSoThatNoTwoTablesShareOne() {
        assertThat(TablePath.of("postgres", table("public", "accounts"))).isEqualTo("postgres/public.accounts");
        assertThat(List.of(
                        TablePath.of("a/b", table("x.y", "z")),
                        TablePath.of("a", table("x", "y.z")),
                        TablePath.of("a", table("..", "%")),
                        TablePath.of("a", table("_firn", "ü"))))
                .containsExactly("a%2Fb/x%2Ey.z", "a/x.y%2Ez", "a/%2E%2E.%25", "a/_firn.%C3%BC");
    }

    private static LakeTable table(final String schema, final String name) {
        return new LakeTable(schema, new RelationRow(1, name, 2, 'r', 'p', null));
    }
}
