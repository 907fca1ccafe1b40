package dev.firn.walquorum.catalog;

import java.util.List;

/** What became of a question to the catalogue. */
public sealed interface CatalogOutcome {
    /** The entry, as it stands in the store. */
    record Entry(TimelineEntry entry) implements CatalogOutcome {}

    /** There is no timeline of that name. */
    record None() implements CatalogOutcome {}

    /** There is another timeline of that name. */
    record Taken(TimelineEntry by) implements CatalogOutcome {}

    /** The names of all timelines, in order. */
    record Names(List<String> names) implements CatalogOutcome {
        public Names {
            names = List.copyOf(names);
        }
    }

    /** Nothing of the timeline is left. */
    record Deleted(long objects) implements CatalogOutcome {}

    /** It did not work, or what is there is damaged or of a future format: one sentence. */
    record Refused(String sentence) implements CatalogOutcome {}
}
