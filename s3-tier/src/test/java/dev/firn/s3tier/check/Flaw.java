package dev.firn.s3tier.check;

import static dev.firn.s3tier.check.CheckKind.BATCH_DELETE;
import static dev.firn.s3tier.check.CheckKind.CHECKSUM;
import static dev.firn.s3tier.check.CheckKind.CREATE_IF_ABSENT;
import static dev.firn.s3tier.check.CheckKind.CREATE_RACE;
import static dev.firn.s3tier.check.CheckKind.DELETE;
import static dev.firn.s3tier.check.CheckKind.EMPTY_OBJECT;
import static dev.firn.s3tier.check.CheckKind.HEAD;
import static dev.firn.s3tier.check.CheckKind.LARGE_PUT;
import static dev.firn.s3tier.check.CheckKind.LIST_AFTER_WRITE;
import static dev.firn.s3tier.check.CheckKind.LIST_ORDER_AND_PAGES;
import static dev.firn.s3tier.check.CheckKind.METADATA;
import static dev.firn.s3tier.check.CheckKind.MULTIPART;
import static dev.firn.s3tier.check.CheckKind.MULTIPART_ABORT;
import static dev.firn.s3tier.check.CheckKind.MULTIPART_IF_ABSENT;
import static dev.firn.s3tier.check.CheckKind.MULTIPART_RACE;
import static dev.firn.s3tier.check.CheckKind.ODD_KEYS;
import static dev.firn.s3tier.check.CheckKind.PUT_AND_GET;
import static dev.firn.s3tier.check.CheckKind.RANGED_GET;
import static dev.firn.s3tier.check.CheckKind.READ_AFTER_WRITE;
import static dev.firn.s3tier.check.CheckKind.REPLACE_IF_MATCH;
import static dev.firn.s3tier.check.CheckKind.REPLACE_RACE;

/** One promise that a store breaks, and the check that must find it. */
enum Flaw {
    IGNORES_IF_NONE_MATCH(CREATE_IF_ABSENT),
    RACES_ON_CREATE(CREATE_RACE),
    TELLS_ALL_THAT_THEY_CREATED(CREATE_RACE),
    IGNORES_IF_MATCH(REPLACE_IF_MATCH),
    REPLACES_WHAT_IS_NOT_THERE(REPLACE_IF_MATCH),
    RACES_ON_REPLACE(REPLACE_RACE),
    IGNORES_CONDITIONS_OF_UPLOADS(MULTIPART_IF_ABSENT),
    RACES_ON_UPLOADS(MULTIPART_RACE),
    STALE_LIST(LIST_AFTER_WRITE),
    LISTS_BACKWARDS(LIST_ORDER_AND_PAGES),
    LOSES_A_KEY_BETWEEN_PAGES(LIST_ORDER_AND_PAGES),
    STALE_READ(READ_AFTER_WRITE),
    LOSES_METADATA(METADATA),
    LOSES_METADATA_OF_UPLOADS(MULTIPART),
    SHORT_RANGE(RANGED_GET),
    RANGE_FROM_THE_BEGINNING(RANGED_GET),
    IGNORES_IF_MATCH_OF_GETS(RANGED_GET),
    TAKES_WRONG_CHECKSUMS(CHECKSUM),
    TAKES_WRONG_CHECKSUMS_OF_PARTS(CHECKSUM),
    TAKES_A_PLUS_FOR_A_SPACE(ODD_KEYS),
    SAME_ETAG_FOR_SAME_LENGTH(HEAD),
    LOSES_EMPTY_OBJECTS(EMPTY_OBJECT),
    DAMAGES_BYTES(PUT_AND_GET),
    TRUNCATES_LARGE_OBJECTS(LARGE_PUT),
    REFUSES_TO_DELETE_NOTHING(DELETE),
    FORGETS_HALF_OF_A_BATCH(BATCH_DELETE),
    COMPLETES_WHAT_WAS_ABORTED(MULTIPART_ABORT),
    SHOWS_UPLOADS_EARLY(MULTIPART);

    private final CheckKind foundBy;

    Flaw(final CheckKind foundBy) {
        this.foundBy = foundBy;
    }

    CheckKind foundBy() {
        return foundBy;
    }
}
