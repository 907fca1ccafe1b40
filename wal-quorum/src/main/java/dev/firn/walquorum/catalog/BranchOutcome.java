package dev.firn.walquorum.catalog;

/** The answer to a question about a branch's entry. */
public sealed interface BranchOutcome {
    /** It is there, or was made. */
    record Found(BranchEntry entry) implements BranchOutcome {}

    /** There is no branch of that name. */
    record None() implements BranchOutcome {}

    /** It could not be asked or done. */
    record Refused(String sentence) implements BranchOutcome {}
}
