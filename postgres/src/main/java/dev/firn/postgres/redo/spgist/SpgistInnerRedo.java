package dev.firn.postgres.redo.spgist;

import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;

/** Redo of records that change inner tuples without leaf tuples: spgRedoAddNode and spgRedoSplitTuple of spgxlog.c. */
final class SpgistInnerRedo {
    private final SpgistTuples tuples;

    SpgistInnerRedo(final SpgistTuples tuples) {
        this.tuples = tuples;
    }

    /**
     * Over spgxlogAddNode: an inner tuple gets one more node. It stays where it is, in block 0; or it moves from there to block 1, and
     * the parent, which leads there now, is in one of them or in block 2.
     */
    void addNode(final RedoContext redo, final int block) {
        final RecordData main = redo.main();
        final int offsetNumber = main.unsignedShort(0);
        final int newOffsetNumber = main.unsignedShort(2);
        final boolean newPage = main.unsignedByte(4) != 0;
        final int parentBlock = main.unsignedByte(5);
        final int parentOffsetNumber = main.unsignedShort(6);
        final int node = main.unsignedShort(8);
        final int xid = main.intAt(12);
        final boolean building = main.unsignedByte(16) != 0;
        final int tuple = 20;
        final int bytes = SpgistRedo.innerBytes(redo, main, tuple);
        if (!redo.record().hasBlock(1)) {
            if (block != 0) {
                throw redo.unexpectedBlock(block);
            }
            redo.requireNoInit(block);
            tuples.replace(redo, offsetNumber, main, tuple, bytes);
            return;
        }
        final int newBlock = redo.record().blockNumber(1);
        switch (block) {
            case 0 -> {
                redo.requireNoInit(block);
                tuples.redirectTo(newBlock, newOffsetNumber, xid);
                tuples.replaceByDead(redo, offsetNumber, SpgistRedo.replacement(building));
            }
            case 1 -> {
                SpgistRedo.beginPage(redo, block, newPage, 0);
                tuples.addOrReplace(redo, newOffsetNumber, main, tuple, bytes);
            }
            case 2 -> {
                if (parentBlock != block) {
                    throw redo.unexpectedBlock(block);
                }
                redo.requireNoInit(block);
            }
            default -> throw redo.unexpectedBlock(block);
        }
        if (parentBlock == block) {
            SpgistPage.nodeLink(redo.page(), parentOffsetNumber, node, newBlock, newOffsetNumber);
        }
    }

    /**
     * Over spgxlogSplitTuple: an inner tuple is split by prefix. The one with the prefix replaces it in block 0; the one behind goes to
     * the same page or to block 1.
     */
    void splitTuple(final RedoContext redo, final int block) {
        final RecordData main = redo.main();
        final int prefixOffsetNumber = main.unsignedShort(0);
        final int postfixOffsetNumber = main.unsignedShort(2);
        final boolean newPage = main.unsignedByte(4) != 0;
        final boolean samePage = main.unsignedByte(5) != 0;
        final int prefix = 6;
        final int prefixBytes = SpgistRedo.innerBytes(redo, main, prefix);
        final int postfix = prefix + prefixBytes;
        final int postfixBytes = SpgistRedo.innerBytes(redo, main, postfix);
        if (block == 0) {
            redo.requireNoInit(block);
            tuples.replace(redo, prefixOffsetNumber, main, prefix, prefixBytes);
        } else if (block == 1 && !samePage) {
            SpgistRedo.beginPage(redo, block, newPage, 0);
        } else {
            throw redo.unexpectedBlock(block);
        }
        if (block == (samePage ? 0 : 1)) {
            tuples.addOrReplace(redo, postfixOffsetNumber, main, postfix, postfixBytes);
        }
    }
}
