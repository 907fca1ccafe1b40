package dev.firn.s3tier.store;

/** What became of a call: an expected outcome is a value, never an exception. */
public sealed interface StoreOutcome
        permits PutOutcome, PartOutcome, GetOutcome, HeadOutcome, ListOutcome, DeleteOutcome, SweepOutcome {}
