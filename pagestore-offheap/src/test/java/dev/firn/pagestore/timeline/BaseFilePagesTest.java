package dev.firn.pagestore.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.pagestore.ingest.BaseFiles;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.page.PageChecksum;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BaseFilePagesTest {
    private static final int DEFAULT_TABLESPACE = 1663;
    private static final int DATABASE = 5;
    private static final int RELFILENODE = 16_384;

    private final OneFile file = new OneFile();
    private final ReadCounters counters = new ReadCounters();
    private final List<String> answers = new ArrayList<>();
    private final MemorySegment page = MemorySegment.ofArray(new byte[PageLayout.PAGE_BYTES]);

    private BasePages pages(final String path) {
        file.path = path;
        return new BaseFilePages(file, () -> true, counters);
    }

    private void read(final BasePages pages, final Fork fork) {
        final boolean begun = pages.read(
                PageKeys.high(KeyClass.PAGE, DEFAULT_TABLESPACE),
                PageKeys.middle(DATABASE, RELFILENODE),
                PageKeys.low(fork.number(), 0),
                page,
                7);
        assertThat(begun).isTrue();
        while (answers.isEmpty()) {
            pages.poll(
                    new BasePages.Handler() {
                        @Override
                        public void onBasePage(final long token) {
                            answers.add(token + " is there");
                        }

                        @Override
                        public void onNoBasePage(final long token, final boolean damaged, final String message) {
                            answers.add(message);
                        }
                    },
                    10);
        }
    }

    private static byte[] whole() {
        final byte[] bytes = new byte[PageLayout.PAGE_BYTES];
        final MemorySegment segment = MemorySegment.ofArray(bytes);
        new PageFlyweight().wrap(segment, 0).initialize(0);
        PageChecksum.store(segment, 0, 0);
        return bytes;
    }

    private static byte[] torn() {
        final byte[] bytes = whole();
        bytes[PageLayout.PAGE_BYTES - 1] ^= 1;
        return bytes;
    }

    @Test
    void shouldTakeATornPageOfAMapForOneThatWasNeverWrittenAndNotForDamage() {
        for (final Fork fork : List.of(Fork.FREE_SPACE_MAP, Fork.VISIBILITY_MAP)) {
            answers.clear();
            file.comes.addAll(List.of(torn(), torn()));
            read(pages("base/5/16384_" + (fork == Fork.VISIBILITY_MAP ? "vm" : "fsm")), fork);
            assertThat(answers).containsExactly("7 is there");
            assertThat(page.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
            assertThat(file.comes).as("what is left to come").isEmpty();
        }
        assertThat(counters.damaged).isZero();
    }

    @Test
    void shouldTellWhenAPageOfAMapComesOtherwiseTheSecondTime() {
        file.comes.addAll(List.of(torn(), whole()));
        read(pages("base/5/16384_fsm"), Fork.FREE_SPACE_MAP);
        assertThat(answers).containsExactly("7 is there");
        assertThat(page.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(whole());
        assertThat(counters.damaged).isEqualTo(1);
    }

    @Test
    void shouldRefuseAnyOtherPageThatIsDamagedTwice() {
        file.comes.addAll(List.of(torn(), torn()));
        read(pages("base/5/16384"), Fork.MAIN);
        assertThat(answers).hasSize(1);
        assertThat(answers.getFirst()).contains("of the base backup is damaged", "the log has no image of it");
        assertThat(counters.damaged).isEqualTo(1);
    }

    @Test
    void shouldAnswerWithAPageThatWasDamagedOnItsWay() {
        file.comes.addAll(List.of(torn(), whole()));
        read(pages("base/5/16384"), Fork.MAIN);
        assertThat(answers).containsExactly("7 is there");
        assertThat(counters.damaged).isEqualTo(1);
    }

    /** A base backup of one file with one page, which comes as is said. */
    private static final class OneFile implements BaseFiles {
        private final ArrayDeque<byte[]> comes = new ArrayDeque<>();
        private final ArrayDeque<Long> asked = new ArrayDeque<>();
        private String path;

        @Override
        public PostgresVersion version() {
            return PostgresVersion.ofMajor(17);
        }

        @Override
        public long startLsn() {
            return 0x100;
        }

        @Override
        public long consistentLsn() {
            return 0x200;
        }

        @Override
        public int files() {
            return path.contains("_") ? 2 : 1;
        }

        /** A map has a relation. */
        @Override
        public String path(final int file) {
            return file == 0 ? path : path.substring(0, path.indexOf('_'));
        }

        @Override
        public long lengthBytes(final int file) {
            return PageLayout.PAGE_BYTES;
        }

        @Override
        public List<String> directories() {
            return List.of("base/5");
        }

        @Override
        public List<Tablespace> tablespaces() {
            return List.of();
        }

        @Override
        public boolean read(final int file, final long offset, final MemorySegment into, final long token) {
            final byte[] bytes = comes.remove();
            MemorySegment.copy(bytes, 0, into, ValueLayout.JAVA_BYTE, 0, bytes.length);
            return asked.add(token);
        }

        @Override
        public int poll(final ReadHandler handler, final int limit) {
            final int count = asked.size();
            for (int i = 0; i < count; i++) {
                handler.onRead(asked.remove(), null);
            }
            return count;
        }
    }
}
