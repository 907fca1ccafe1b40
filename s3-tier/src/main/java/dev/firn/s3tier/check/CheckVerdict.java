package dev.firn.s3tier.check;

/** What a check comes to. */
public enum CheckVerdict {
    /** Every promise is kept. */
    FIT,
    /** Every promise that Firn needs is kept. */
    FIT_WITH_REMARKS,
    /** A promise that Firn needs is broken. */
    UNFIT,
    /** No promise was seen to be broken, and not every one was judged: the check was stopped, or its time was over. */
    UNDECIDED;

    /** Whether Firn may keep data there. */
    public boolean isFit() {
        return this == FIT || this == FIT_WITH_REMARKS;
    }

    @Override
    public String toString() {
        return name().replace('_', ' ');
    }
}
