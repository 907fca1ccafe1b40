package dev.firn.walquorum.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.seam.SystemRandom;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against archives that another tar writer makes. */
class TarReaderTest {
    private static final class Collector implements TarHandler {
        private final List<TarEntry> entries = new ArrayList<>();
        private final Map<String, byte[]> contents = new LinkedHashMap<>();
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();

        @Override
        public void onEntry(final TarEntry entry) {
            entries.add(entry);
            content.reset();
        }

        @Override
        public void onContent(final MemorySegment bytes, final long offset, final long lengthBytes) {
            content.writeBytes(bytes.asSlice(offset, lengthBytes).toArray(ValueLayout.JAVA_BYTE));
        }

        @Override
        public void onEntryEnd(final TarEntry entry) {
            contents.put(entry.path(), content.toByteArray());
        }
    }

    private static Collector read(final byte[] tar, final int pieceBytes) {
        final Collector collector = new Collector();
        final TarReader reader = new TarReader("base.tar", collector);
        for (int at = 0; at < tar.length; at += pieceBytes) {
            reader.feed(MemorySegment.ofArray(tar), at, Math.min(pieceBytes, tar.length - at));
        }
        reader.finish();
        assertThat(reader.position()).isEqualTo(tar.length);
        return collector;
    }

    private static void add(final TarArchiveOutputStream out, final String name, final byte[] content, final int mode)
            throws IOException {
        final TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(content.length);
        entry.setMode(mode);
        entry.setModTime(1_700_000_000_000L);
        out.putArchiveEntry(entry);
        out.write(content);
        out.closeArchiveEntry();
    }

    private static byte[] sample() {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes, 512, "UTF-8")) {
            out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            out.setAddPaxHeadersForNonAsciiNames(true);
            final TarArchiveEntry directory = new TarArchiveEntry("base/");
            directory.setMode(040750);
            out.putArchiveEntry(directory);
            out.closeArchiveEntry();
            add(out, "base/empty", new byte[0], 0640);
            add(out, "base/one", new byte[] {7}, 0600);
            add(out, "base/block", new byte[512], 0600);
            add(out, "base/" + "long".repeat(60) + "/é", "hello".repeat(300).getBytes(StandardCharsets.UTF_8), 0600);
            final TarArchiveEntry link = new TarArchiveEntry("pg_tblspc/1", TarConstants.LF_SYMLINK);
            link.setLinkName("/srv/" + "deep/".repeat(40));
            out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            out.putArchiveEntry(link);
            out.closeArchiveEntry();
        } catch (final IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 511, 512, 513, 100_000})
    void shouldReadWhatAnotherWriterWroteWhateverThePieces(final int pieceBytes) {
        final byte[] tar = sample();
        final Collector read = read(tar, pieceBytes);
        assertThat(read.entries)
                .extracting(TarEntry::path)
                .containsExactly(
                        "base",
                        "base/empty",
                        "base/one",
                        "base/block",
                        "base/" + "long".repeat(60) + "/é",
                        "pg_tblspc/1");
        assertThat(read.entries)
                .extracting(TarEntry::kind)
                .containsExactly(
                        FileKind.DIRECTORY, FileKind.FILE, FileKind.FILE, FileKind.FILE, FileKind.FILE, FileKind.LINK);
        assertThat(read.entries).extracting(TarEntry::mode).startsWith(0750, 0640, 0600);
        assertThat(read.entries.getLast().linkTarget()).isEqualTo("/srv/" + "deep/".repeat(40));
        assertThat(read.entries.get(1).modifiedEpochSeconds()).isEqualTo(1_700_000_000L);
        assertThat(read.contents.get("base/one")).containsExactly(7);
        assertThat(read.contents.get("base/block")).isEqualTo(new byte[512]);
        for (final TarEntry entry : read.entries) {
            final byte[] content = read.contents.get(entry.path());
            assertThat(entry.lengthBytes()).isEqualTo(content.length);
            assertThat(Arrays.copyOfRange(tar, (int) entry.offset(), (int) entry.offset() + content.length))
                    .isEqualTo(content);
        }
    }

    /** As Postgres writes the size of a file of more than 8 GiB: in base 256. */
    @Test
    void shouldReadSizesBeyondOctalDigits() {
        final byte[] tar = new byte[512];
        final byte[] name = "big".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(name, 0, tar, 0, name.length);
        System.arraycopy("0000600 ".getBytes(StandardCharsets.US_ASCII), 0, tar, 100, 8);
        final long size = 9L << 30;
        tar[124] = (byte) 0x80;
        for (int i = 0; i < 8; i++) {
            tar[135 - i] = (byte) (size >>> (8 * i));
        }
        System.arraycopy("ustar\00000".getBytes(StandardCharsets.US_ASCII), 0, tar, 257, 8);
        tar[156] = '0';
        Arrays.fill(tar, 148, 156, (byte) ' ');
        long sum = 0;
        for (final byte b : tar) {
            sum += b & 0xFF;
        }
        System.arraycopy(String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII), 0, tar, 148, 8);
        final Collector collector = new Collector();
        final TarReader reader = new TarReader("base.tar", collector);
        reader.feed(MemorySegment.ofArray(tar), 0, tar.length);
        assertThat(collector.entries.getFirst().lengthBytes()).isEqualTo(size);
        assertThatThrownBy(reader::finish).hasMessageContaining("it ends within big");
    }

    @Test
    void shouldRefusePathsThatLeadOut() throws IOException {
        for (final String path : List.of("../x", "a/../../x", "a//b", "a/./b")) {
            final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes, 512)) {
                final TarArchiveEntry entry = new TarArchiveEntry(path, true);
                entry.setSize(0);
                out.putArchiveEntry(entry);
                out.closeArchiveEntry();
            }
            assertThatThrownBy(() -> read(bytes.toByteArray(), 512))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("a member has the path \"" + path + "\"");
        }
    }

    @Test
    void shouldRefuseAnArchiveThatIsCutOff() {
        final byte[] tar = sample();
        int refused = 0;
        for (int length = 0; length < tar.length - 1_024; length += 97) {
            final byte[] cut = Arrays.copyOf(tar, length);
            assertThatThrownBy(() -> read(cut, 512)).isInstanceOf(BackupException.class);
            refused++;
        }
        assertThat(refused).isPositive();
    }

    @Test
    void shouldSayWhatIsWrongAndNothingElseWhenBytesAreChanged() {
        final RandomGenerator random = SystemRandom.seeded(20_261_121);
        final byte[] tar = sample();
        int refused = 0;
        for (int run = 0; run < 6_000; run++) {
            final byte[] changed = tar.clone();
            for (int i = 0; i <= random.nextInt(4); i++) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            fixChecksums(changed, random);
            try {
                read(changed, 1 + random.nextInt(2_000));
            } catch (final BackupException expected) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(300);
    }

    /** So that changes get past the first check, now and then. */
    private static void fixChecksums(final byte[] tar, final RandomGenerator random) {
        if (random.nextBoolean()) {
            return;
        }
        for (int block = 0; block + 512 <= tar.length; block += 512) {
            if (tar[block + 257] == 'u' && tar[block + 258] == 's') {
                Arrays.fill(tar, block + 148, block + 156, (byte) ' ');
                long sum = 0;
                for (int i = block; i < block + 512; i++) {
                    sum += tar[i] & 0xFF;
                }
                final byte[] text = String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII);
                System.arraycopy(text, 0, tar, block + 148, 8);
            }
        }
    }
}
