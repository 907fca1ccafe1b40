package dev.firn.bench.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.postgres.page.PageLayout;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

class GeneratedPagesTest {
    /** Pages that come to nothing when they are compressed would all lie in a few units of the cache, and no device be measured. */
    @Test
    void shouldMakePagesThatCompressAsThoseOfATable() {
        for (int block = 0; block < 16; block++) {
            final Deflater deflater = new Deflater(Deflater.BEST_SPEED);
            deflater.setInput(GeneratedPages.page(block));
            deflater.finish();
            assertThat(deflater.deflate(new byte[2 * PageLayout.PAGE_BYTES]))
                    .as("block %d", block)
                    .isBetween(PageLayout.PAGE_BYTES / 4, PageLayout.PAGE_BYTES * 3 / 4);
            deflater.end();
        }
    }
}
