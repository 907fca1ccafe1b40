package dev.firn.postgres.redo.spgist;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.PageEditor;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoFixture;
import java.lang.foreign.MemorySegment;

/** SP-GiST pages and tuples for tests, and what is on them: as access/spgist_private.h has them. */
final class SpgistPages {
    static final int LEAF_BYTES = 24;
    static final int NODE_BYTES = 16;

    private SpgistPages() {}

    /** A leaf tuple. */
    static byte[] leaf(final int next, final int fill) {
        return leaf(LEAF_BYTES, next, fill);
    }

    static byte[] leaf(final int bytes, final int next, final int fill) {
        return new RecordBytes()
                .u32(bytes << 2)
                .u16(0x8000 | next)
                .blockId(fill)
                .u16(1)
                .fill(bytes - 12, fill)
                .array();
    }

    /** A dead tuple of a kind. */
    static byte[] dead(final int state) {
        return new RecordBytes()
                .u32(16 << 2 | state)
                .u16(0)
                .blockId(state == SpgistPage.REDIRECT ? 77 : -1)
                .u16(state == SpgistPage.REDIRECT ? 7 : 0)
                .u32(state == SpgistPage.REDIRECT ? 700 : 0)
                .array();
    }

    /** An inner tuple whose nodes lead nowhere yet. */
    static byte[] inner(final int nodes, final int prefixBytes) {
        final RecordBytes bytes = new RecordBytes()
                .u32(nodes << 3 | prefixBytes << 16)
                .u16(8 + prefixBytes + nodes * NODE_BYTES)
                .u16(0)
                .fill(prefixBytes, 0x70);
        for (int i = 0; i < nodes; i++) {
            bytes.blockId(-1).u16(0).u16(NODE_BYTES).fill(8, i);
        }
        return bytes.array();
    }

    /** A page with these tuples, older than every record of the fixture. */
    static MemorySegment page(final RedoFixture fixture, final int flags, final byte[]... tuples) {
        final MemorySegment memory = fixture.emptyPage(0);
        final PageFlyweight page = new PageFlyweight().wrap(memory, 0);
        final long lsn = page.lsn();
        SpgistPage.initialize(page, flags);
        page.lsn(lsn);
        final PageEditor editor = new PageEditor(MemorySegment.ofArray(new byte[PageLayout.PAGE_BYTES]));
        for (int i = 0; i < tuples.length; i++) {
            editor.addItem(page, i + 1, MemorySegment.ofArray(tuples[i]), 0, tuples[i].length);
            final int state = SpgistPage.state(page, i + 1);
            SpgistPage.addRedirections(page, state == SpgistPage.REDIRECT ? 1 : 0);
            SpgistPage.addPlaceholders(page, state == SpgistPage.PLACEHOLDER ? 1 : 0);
        }
        return memory;
    }

    static PageFlyweight of(final MemorySegment page) {
        return new PageFlyweight().wrap(page, 0);
    }

    /** Flags, redirections, placeholders and page id of the special space. */
    static int[] special(final MemorySegment page) {
        return shorts(page, 8184, 4);
    }

    /** The state of each tuple. */
    static int[] states(final MemorySegment page) {
        final int[] states = new int[of(page).linePointerCount()];
        for (int i = 0; i < states.length; i++) {
            states[i] = SpgistPage.state(of(page), i + 1);
        }
        return states;
    }

    /** A tuple's bytes. */
    static byte[] tuple(final MemorySegment page, final int offsetNumber) {
        final byte[] bytes = new byte[of(page).itemLength(offsetNumber)];
        MemorySegment.ofArray(bytes).copyFrom(page.asSlice(of(page).itemOffset(offsetNumber), bytes.length));
        return bytes;
    }

    /** The chain link of a leaf tuple, with its flags. */
    static int link(final MemorySegment page, final int offsetNumber) {
        return LittleEndian.getUnsignedShort(page, of(page).itemOffset(offsetNumber) + 4);
    }

    /** Where a node leads to: upper and lower half of the block, offset number. */
    static int[] nodeLink(final MemorySegment page, final int offsetNumber, final int prefixBytes, final int node) {
        return shorts(page, of(page).itemOffset(offsetNumber) + 8 + prefixBytes + node * NODE_BYTES, 3);
    }

    private static int[] shorts(final MemorySegment page, final int at, final int count) {
        final int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            values[i] = LittleEndian.getUnsignedShort(page, at + 2 * i);
        }
        return values;
    }
}
