package dev.firn.postgres.wal;

/** How the parts of a record can contradict each other: DecodeXLogRecord of xlogreader.c, and what it leaves to redo. */
enum RecordDefect {
    SHORT_DATA("its parts are longer or shorter than it is"),
    BLOCK_ID_OUT_OF_ORDER("a block id is out of order"),
    INVALID_BLOCK_ID("a block id is invalid"),
    INVALID_FORK("a block reference names an unknown fork"),
    DATA_FLAG("a block reference's flag for data contradicts its length"),
    NO_RELATION_BEFORE("a block reference wants the relation of the one before, and there is none"),
    IMAGE_FLAGS("a page image has unknown or contradictory flags"),
    IMAGE_LENGTH("a page image's length is impossible"),
    IMAGE_HOLE("a page image's hole is impossible"),
    OVERWRITE_LENGTH("an OVERWRITE_CONTRECORD record is too short");

    private static final RecordDefect[] ALL = values();

    private final String sentence;

    RecordDefect(final String sentence) {
        this.sentence = sentence;
    }

    static RecordDefect at(final int ordinal) {
        return ALL[ordinal];
    }

    String sentence() {
        return sentence;
    }
}
