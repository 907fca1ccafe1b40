package dev.firn.columnar.transcode;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.tuple.DeformPlan;
import dev.firn.postgres.tuple.DeformedRows;
import dev.firn.postgres.tuple.TupleBatch;

/**
 * Takes apart row versions that nobody sees. Those of a transaction that added a column and was rolled back have more attributes than the relation, or
 * others; together with them the rest is taken apart one by one.
 */
final class DeadRows {
    private final DeformPlan plan;
    private final TupleBatch alone = new TupleBatch(1);
    private final DeformedRows aloneRows;

    DeadRows(final DeformPlan plan) {
        this.plan = plan;
        aloneRows = new DeformedRows(plan, alone);
    }

    /** Takes all of them apart; false when some can't be. */
    boolean deform(final TupleBatch batch, final DeformedRows out) {
        try {
            plan.deform(batch, out);
            return true;
        } catch (final MalformedDataException _) {
            return false;
        }
    }

    /** Takes one apart; false when it can't be. */
    boolean deformAlone(final HeapTupleFlyweight tuple, final TupleBatch batch, final int row) {
        alone.begin(batch.segment());
        alone.add(tuple, batch.block(row), batch.offsetNumber(row));
        return deform(alone, aloneRows);
    }

    TupleBatch alone() {
        return alone;
    }

    DeformedRows aloneRows() {
        return aloneRows;
    }
}
