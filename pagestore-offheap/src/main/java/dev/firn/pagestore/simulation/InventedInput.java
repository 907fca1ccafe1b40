package dev.firn.pagestore.simulation;

import dev.firn.pagestore.rebuild.HintHistory;
import dev.firn.pagestore.timeline.TimelineInput;

/**
 * Fills memory tables from a log that no Postgres has written: no hint bits are logged in it, pages have no checksums, and there is nothing to give
 * back.
 */
public interface InventedInput extends TimelineInput {
    @Override
    default void loaded() {}

    @Override
    default void beginImport() {}

    @Override
    default HintHistory hints() {
        return HintHistory.NONE;
    }

    @Override
    default boolean dataChecksums() {
        return false;
    }

    @Override
    default void close() {}
}
