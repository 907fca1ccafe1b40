package dev.firn.postgres.redo.sequence;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.PageEditor;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.PageRedo;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;

/**
 * Redo of sequences (seq_redo of commands/sequence.c): each record has the sequence's one tuple whole, and the page is made anew from
 * it.
 */
public final class SequenceRedo implements PageRedo {
    private static final int LOG = 0x00;

    /** xl_seq_rec of commands/sequence.h: the relation, which the block reference names too. */
    private static final int RECORD_HEADER_BYTES = 12;

    /** sequence_magic of sequence.c: the special space. */
    private static final int SPECIAL_BYTES = 4;

    private static final int MAGIC = 0x1717;

    @Override
    public PageChange apply(final RedoContext redo, final int block) {
        if (redo.operation() != LOG) {
            throw redo.unknownOperation();
        }
        if (block != 0) {
            throw redo.unexpectedBlock(block);
        }
        redo.requireInit(block);
        final RecordData main = redo.main();
        main.take(RECORD_HEADER_BYTES);
        final int tupleBytes = main.remaining();
        final PageFlyweight page = redo.page();
        page.initialize(SPECIAL_BYTES);
        LittleEndian.putInt(page.segment(), page.base() + page.special(), MAGIC);
        if (redo.editor().addItem(page, 1, main.segment(), main.take(tupleBytes), tupleBytes) == PageEditor.NO_ROOM) {
            throw redo.misfit("a tuple of " + tupleBytes + " bytes does not fit a sequence's page");
        }
        return PageChange.MOVES_LSN;
    }
}
