package dev.firn.postgres.page;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The checksum of data pages, described in storage/checksum_impl.h: 32 interleaved sums of 32-bit words by a variant of FNV-1a,
 * folded together and mixed with the block number. It covers the whole page with the checksum field taken as zero, and is never 0.
 *
 * <p>The kernel is {@link VectorChecksum} where the JVM has the Vector API, else {@link ScalarChecksum}.
 */
public final class PageChecksum {
    private static final boolean VECTOR =
            ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    private static final int FOLD = 65535;

    private PageChecksum() {}

    /** Which kernel runs, for start-up logs. */
    public static String describe() {
        return VECTOR ? "256-bit vectors" : "scalar (the JVM runs without --add-modules=jdk.incubator.vector)";
    }

    /** The checksum that the page should carry as this block of its relation. The page is only read. */
    public static int compute(final MemorySegment segment, final long offset, final int block) {
        Objects.checkFromIndexSize(offset, PageLayout.PAGE_BYTES, segment.byteSize());
        final int sum = VECTOR ? VectorChecksum.sum(segment, offset) : ScalarChecksum.sum(segment, offset);
        return Integer.remainderUnsigned(sum ^ block, FOLD) + 1;
    }

    /** Computes the checksum and stores it. A new page carries none: it is left alone. */
    public static void store(final MemorySegment segment, final long offset, final int block) {
        Objects.checkFromIndexSize(offset, PageLayout.PAGE_BYTES, segment.byteSize());
        if (LittleEndian.getUnsignedShort(segment, offset + PageLayout.UPPER_OFFSET) != 0) {
            LittleEndian.putShort(segment, offset + PageLayout.CHECKSUM_OFFSET, compute(segment, offset, block));
        }
    }

    /**
     * Judges a page as PageIsVerifiedExtended of storage/page/bufpage.c does when it is read.
     *
     * @param checksums whether the cluster has data checksums.
     */
    public static PageVerdict verify(final PageFlyweight page, final int block, final boolean checksums) {
        if (page.isNew()) {
            return page.isZero() ? PageVerdict.ZERO : PageVerdict.BAD_HEADER;
        }
        if (checksums && page.checksum() != compute(page.segment(), page.base(), block)) {
            return PageVerdict.BAD_CHECKSUM;
        }
        return page.isHeaderSane() ? PageVerdict.VALID : PageVerdict.BAD_HEADER;
    }
}
