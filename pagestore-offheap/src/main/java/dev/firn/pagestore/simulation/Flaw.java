package dev.firn.pagestore.simulation;

/** Bugs planted on purpose around the page store's parts, each of which the simulation must find. */
public enum Flaw {
    NONE,
    /** WAL is let go when the manifest that has it in layers is sent, and not when it is stored. */
    TRIM_SENT,
    /** Layers are removed as soon as others take their place, before the manifest says so. */
    DELETE_BEFORE_MANIFEST,
    /** The names of layers do not tell epochs apart: what an owner before has written is written again. */
    REUSE_NAMES,
    /** Floors are not loaded after a start. */
    FORGET_FLOORS,
    /** Images are made upon pages of a later LSN, and floors forgotten. */
    IMAGE_ON_WRONG_BASE,
    /** WAL is let go up to what is applied. */
    TRIM_APPLIED,
    /** A read that is given up goes on, and what it came to is told under its token, which is another one's. */
    KEEP_ABANDONED,
    /** A reader is promised an LSN that nothing keeps. */
    PROMISE_LEASES,
    /** What a cache was given with bits turned over it keeps, though it is told to forget it. */
    KEEP_SPOILT;

    boolean forgetsFloors() {
        return this == FORGET_FLOORS;
    }
}
