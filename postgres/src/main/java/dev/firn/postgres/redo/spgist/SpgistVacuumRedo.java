package dev.firn.postgres.redo.spgist;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;
import dev.firn.postgres.version.PostgresVersion;

/** Redo of VACUUM_LEAF, VACUUM_ROOT and VACUUM_REDIRECT: the functions of the same names in spgxlog.c. Each changes one page. */
final class SpgistVacuumRedo {
    private final SpgistTuples tuples;

    /** Where the offset numbers of spgxlogVacuumRedirect begin. */
    private final int redirectOffsetNumbers;

    SpgistVacuumRedo(final PostgresVersion version, final SpgistTuples tuples) {
        this.tuples = tuples;
        this.redirectOffsetNumbers = version.recordsTellCatalogRelation() ? 10 : 8;
    }

    /**
     * Over spgxlogVacuumLeaf: tuples become dead or placeholders. Where the first of a chain goes and others stay, one of them takes its
     * offset number, since that is what the parent leads to; then chains are linked anew.
     */
    void leaf(final RedoContext redo, final int block) {
        requireOnlyBlock(redo, block);
        final RecordData main = redo.main();
        final int deadCount = main.unsignedShort(0);
        final int placeholderCount = main.unsignedShort(2);
        final int moveCount = main.unsignedShort(4);
        final int chainCount = main.unsignedShort(6);
        final int toDead = 16;
        final int toPlaceholder = toDead + deadCount * Short.BYTES;
        final int moveSources = toPlaceholder + placeholderCount * Short.BYTES;
        final int moveTargets = moveSources + moveCount * Short.BYTES;
        final int chainSources = moveTargets + moveCount * Short.BYTES;
        final int chainTargets = chainSources + chainCount * Short.BYTES;
        main.at(chainTargets, chainCount * Short.BYTES);
        tuples.bury(redo, main, toDead, deadCount, SpgistPage.DEAD, SpgistPage.DEAD);
        buryAsPlaceholders(redo, main, toPlaceholder, placeholderCount);
        for (int i = 0; i < moveCount; i++) {
            swap(
                    redo.page(),
                    main.unsignedShort(moveSources + i * Short.BYTES),
                    main.unsignedShort(moveTargets + i * Short.BYTES));
        }
        buryAsPlaceholders(redo, main, moveSources, moveCount);
        for (int i = 0; i < chainCount; i++) {
            SpgistPage.link(
                    redo.page(),
                    main.unsignedShort(chainSources + i * Short.BYTES),
                    main.unsignedShort(chainTargets + i * Short.BYTES));
        }
    }

    private void buryAsPlaceholders(final RedoContext redo, final RecordData main, final int index, final int count) {
        tuples.bury(redo, main, index, count, SpgistPage.PLACEHOLDER, SpgistPage.PLACEHOLDER);
    }

    private static void swap(final PageFlyweight page, final int one, final int other) {
        final int pointer = page.linePointer(one);
        page.linePointer(one, page.linePointer(other));
        page.linePointer(other, pointer);
    }

    /** Over spgxlogVacuumRoot: the tuples of a root that is a leaf are in no chain, so they may move to other offset numbers. */
    void root(final RedoContext redo, final int block) {
        requireOnlyBlock(redo, block);
        final RecordData main = redo.main();
        tuples.delete(redo, main, 12, main.unsignedShort(0));
    }

    /** Over spgxlogVacuumRedirect: redirections that nobody follows any more become placeholders, and those at the page's end go. */
    void redirect(final RedoContext redo, final int block) {
        requireOnlyBlock(redo, block);
        final RecordData main = redo.main();
        final int count = main.unsignedShort(0);
        final int firstPlaceholder = main.unsignedShort(2);
        final PageFlyweight page = redo.page();
        for (int i = 0; i < count; i++) {
            SpgistPage.redirectionToPlaceholder(page, main.unsignedShort(redirectOffsetNumbers + i * Short.BYTES));
        }
        SpgistPage.addRedirections(page, -count);
        SpgistPage.addPlaceholders(page, count);
        if (firstPlaceholder != SpgistPage.NO_OFFSET_NUMBER) {
            final int last = page.linePointerCount();
            if (firstPlaceholder > last) {
                throw redo.misfit("the record removes offset numbers from " + firstPlaceholder + " on, of " + last);
            }
            for (int offsetNumber = firstPlaceholder; offsetNumber <= last; offsetNumber++) {
                SpgistPage.requireState(page, offsetNumber, SpgistPage.PLACEHOLDER);
            }
            SpgistPage.addPlaceholders(page, firstPlaceholder - last - 1);
            tuples.deleteFrom(redo, firstPlaceholder);
        }
    }

    private static void requireOnlyBlock(final RedoContext redo, final int block) {
        if (block != 0) {
            throw redo.unexpectedBlock(block);
        }
        redo.requireNoInit(block);
    }
}
