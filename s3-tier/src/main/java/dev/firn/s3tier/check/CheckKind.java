package dev.firn.s3tier.check;

import java.util.Locale;

/**
 * What is asked of a store, in this order.
 *
 * <p>The cost is what a store that does not keep the promise would do to Firn.
 */
public enum CheckKind {
    PUT_AND_GET(Weight.REQUIRED, "what Firn writes would not be what it reads"),
    EMPTY_OBJECT(Weight.REQUIRED, "markers, which are objects without bytes, would be lost or misread"),
    HEAD(Weight.REQUIRED, "lengths and versions could not be trusted: half an object would pass for a whole one"),
    METADATA(
            Weight.REQUIRED,
            "a writer whose answer was lost could not find out whether its write won, and would stop or write twice"),
    ODD_KEYS(Weight.REQUIRED, "objects under such keys would be lost, or mistaken for one another"),
    READ_AFTER_WRITE(Weight.REQUIRED, "an owner would go on from an old manifest, and lose what was written since"),
    LIST_AFTER_WRITE(
            Weight.REQUIRED, "recovery would miss layers and WAL that are there, or delete what it did not see"),
    LIST_ORDER_AND_PAGES(Weight.REQUIRED, "recovery would find segments out of order, or not all of them"),
    RANGED_GET(Weight.REQUIRED, "a page would be read from the wrong place of its layer"),
    DELETE(Weight.REQUIRED, "garbage would stay and be paid for, and a retried delete would fail"),
    BATCH_DELETE(Weight.REQUIRED, "garbage collection would not get done"),
    MULTIPART(Weight.REQUIRED, "layers and Parquet files, which are sent in parts, could not be written"),
    MULTIPART_ABORT(Weight.REQUIRED, "an upload that was given up would appear all the same, or stay and be paid for"),
    LIST_UPLOADS(
            Weight.DESIRED,
            "what crashed writers leave behind would not be found: give the bucket a rule that ends old uploads"),
    CREATE_IF_ABSENT(Weight.REQUIRED, "two owners could overwrite each other's manifest"),
    CREATE_RACE(Weight.REQUIRED, "two owners that start together could both believe that they own the timeline"),
    REPLACE_IF_MATCH(Weight.REQUIRED, "an owner that was replaced could overwrite its successor's manifest"),
    REPLACE_RACE(Weight.REQUIRED, "two owners could replace the same manifest, and one of them would lose commits"),
    MULTIPART_IF_ABSENT(
            Weight.REQUIRED, "an owner that was replaced could overwrite a layer that its successor uploaded"),
    MULTIPART_RACE(Weight.REQUIRED, "two owners could upload the same layer, and both believe that theirs is there"),
    CHECKSUM(Weight.REQUIRED, "bytes damaged on the way would be stored, and acknowledged as durable"),
    LARGE_PUT(Weight.REQUIRED, "objects as long as Firn writes them in one piece would be refused or damaged"),
    CLOCK(
            Weight.DESIRED,
            "requests may be refused as too old or too new, and sweeps of leftovers judge their age wrongly"),
    LATENCY(Weight.FIGURE, ""),
    STREAM(Weight.FIGURE, "");

    /** What it means for the verdict when the promise is not kept. */
    public enum Weight {
        /** The store is unfit. */
        REQUIRED,
        /** It is fit, with a remark. */
        DESIRED,
        /** Nothing is asked: a figure for information. */
        FIGURE
    }

    private final Weight weight;
    private final String cost;

    CheckKind(final Weight weight, final String cost) {
        this.weight = weight;
        this.cost = cost;
    }

    public Weight weight() {
        return weight;
    }

    /** What it would cost Firn when the store did not do this; empty for a figure. */
    public String cost() {
        return cost;
    }

    /** The name in reports and JSON, such as {@code create-if-absent}. A contract with scripts. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
