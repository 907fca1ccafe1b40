package dev.firn.s3tier.store;

import java.util.List;

/** What became of a delete. */
public sealed interface DeleteOutcome extends StoreOutcome
        permits DeleteOutcome.Deleted, DeleteOutcome.PartlyDeleted, Failed {
    /** None of the keys is there any more. */
    record Deleted(int count) implements DeleteOutcome {}

    /** The others are gone; these could not be removed. */
    record PartlyDeleted(int count, List<Refused> refused) implements DeleteOutcome {
        public PartlyDeleted {
            refused = List.copyOf(refused);
        }
    }

    /** One key that is still there, and what the store said. */
    record Refused(String key, String reason) {}
}
