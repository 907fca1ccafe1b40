package dev.firn.server.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.page.PageChecksum;
import dev.firn.postgres.page.PageLayout;
import dev.firn.server.CommandException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class PageWritersTest {
    private static final int FILES = 3;
    private static final int PAGES = 150;
    private static final int PAGES_AT_ONCE = 4;

    @TempDir
    private Path folder;

    /** Many more pages than there are buffers, of several files, in any order. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldWriteEachPageWhereItBelongs(final boolean checksums) throws IOException {
        final byte[][] content = new byte[FILES][PAGES * PageLayout.PAGE_BYTES];
        final RandomGenerator random = SystemRandom.seeded(7);
        final FileChannel[] channels = new FileChannel[FILES];
        final List<int[]> ranges = new ArrayList<>();
        for (int file = 0; file < FILES; file++) {
            random.nextBytes(content[file]);
            channels[file] = channel(file);
            for (int block = 0; block < PAGES; block += PAGES_AT_ONCE) {
                ranges.add(random.nextInt(ranges.size() + 1), new int[] {file, block});
            }
        }
        try (PageWriters writers = new PageWriters(PAGES_AT_ONCE * PageLayout.PAGE_BYTES, checksums)) {
            final PageFile[] files = new PageFile[FILES];
            for (int file = 0; file < FILES; file++) {
                files[file] = new PageFile(channels[file], "file " + file, PAGES);
            }
            for (final int[] range : ranges) {
                final int from = range[1] * PageLayout.PAGE_BYTES;
                final int length = Math.min(PAGES_AT_ONCE * PageLayout.PAGE_BYTES, content[range[0]].length - from);
                final ByteBuffer buffer =
                        writers.take().put(content[range[0]], from, length).flip();
                writers.write(buffer, files[range[0]], range[1]);
            }
            while (!writers.isIdle()) {
                Thread.onSpinWait();
            }
            writers.requireSound();
            assertThat(writers.bytes()).isEqualTo((long) FILES * PAGES * PageLayout.PAGE_BYTES);
        }
        for (int file = 0; file < FILES; file++) {
            assertThat(channels[file].isOpen())
                    .as("its last page closes a file")
                    .isFalse();
            if (checksums) {
                final MemorySegment pages = MemorySegment.ofArray(content[file]);
                for (int block = 0; block < PAGES; block++) {
                    PageChecksum.store(pages, (long) block * PageLayout.PAGE_BYTES, block);
                }
            }
            assertThat(Arrays.equals(Files.readAllBytes(path(file)), content[file]))
                    .isTrue();
        }
    }

    @Test
    void shouldSayWhatCannotBeWrittenAndGoOnGivingBuffersBack() throws IOException {
        final FileChannel closed = channel(0);
        closed.close();
        try (PageWriters writers = new PageWriters(PageLayout.PAGE_BYTES, false)) {
            final PageFile file = new PageFile(closed, "base/5/16384", 1_000);
            writers.write(writers.take().limit(PageLayout.PAGE_BYTES), file, 0);
            while (!writers.isIdle()) {
                Thread.onSpinWait();
            }
            assertThatThrownBy(writers::take)
                    .isInstanceOf(CommandException.class)
                    .hasMessageStartingWith("cannot write base/5/16384: ");
            assertThat(writers.bytes()).isZero();
        }
    }

    private Path path(final int file) {
        return folder.resolve("file" + file);
    }

    private FileChannel channel(final int file) throws IOException {
        return FileChannel.open(path(file), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }
}
