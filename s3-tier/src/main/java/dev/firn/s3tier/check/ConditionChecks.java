package dev.firn.s3tier.check;

import static dev.firn.s3tier.check.Workspace.require;

import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptResult.ConditionFailed;
import dev.firn.s3tier.backend.AttemptResult.ObjectWritten;
import java.util.ArrayList;
import java.util.List;

/** Conditions: what keeps two owners apart. */
final class ConditionChecks {
    static final int WRITERS = 32;
    private static final int RACES = 4;
    private static final int BODY_BYTES = 1_024;

    private final Workspace work;

    ConditionChecks(final Workspace work) {
        this.work = work;
    }

    Finding createIfAbsent() {
        final String key = work.key("create");
        final Body first = work.body(BODY_BYTES);
        require(
                ObjectWritten.class,
                work.attempts().settled(work.put(key, first, Precondition.ABSENT)),
                "a create (If-None-Match: *) of a key that is free");
        for (final int length : new int[] {BODY_BYTES, 1}) {
            requireRefused(
                    work.put(key, work.body(length), Precondition.ABSENT),
                    "a second create (If-None-Match: *) of the same key");
        }
        work.requireContent(key, first, "after a second create was refused");
        work.delete(key);
        final Body again = work.body(BODY_BYTES);
        require(
                ObjectWritten.class,
                work.attempts().settled(work.put(key, again, Precondition.ABSENT)),
                "a create (If-None-Match: *) of a key that was deleted");
        work.requireContent(key, again, "after a create was answered");
        return Finding.held("a second create was refused and changed nothing; after a delete the key was free again");
    }

    Finding createRace() {
        for (int race = 1; race <= RACES; race++) {
            final String key = work.tracked(work.folder("create-race") + race);
            new Race(work, key, bodies(), body -> work.put(key, body, Precondition.ABSENT)).run();
        }
        return Finding.held(RACES + " races of " + WRITERS + " creates of one key: each had exactly one winner");
    }

    Finding replaceIfMatch() {
        final String key = work.key("replace");
        final Body first = work.body(BODY_BYTES);
        final Body second = work.body(BODY_BYTES);
        final String old = work.write(key, first);
        final ObjectWritten replaced = require(
                ObjectWritten.class,
                work.attempts().settled(work.put(key, second, new Precondition.Matches(old))),
                "a replace (If-Match) of the version that is there");
        work.requireContent(key, second, "after a replace was answered");
        require(!replaced.etag().equals(old), "a replace left the ETag as it was");
        requireRefused(
                work.put(key, work.body(BODY_BYTES), new Precondition.Matches(old)),
                "a replace (If-Match) of a version that is no more");
        work.requireContent(key, second, "after a replace was refused");
        work.delete(key);
        requireRefused(
                work.put(key, work.body(BODY_BYTES), new Precondition.Matches(replaced.etag())),
                "a replace (If-Match) of an object that was deleted");
        require(!work.isThere(key), "a replace of an object that was deleted was refused, and created it");
        return Finding.held(
                "a replace of the version that is there is done; of an older version, or of nothing, it is refused");
    }

    Finding replaceRace() {
        final String key = work.key("replace-race");
        String etag = work.write(key, work.body(BODY_BYTES));
        for (int race = 1; race <= RACES; race++) {
            final Precondition expected = new Precondition.Matches(etag);
            new Race(work, key, bodies(), body -> work.put(key, body, expected)).run();
            etag = work.head(key, "a head after a race").etag();
        }
        return Finding.held(RACES + " races of " + WRITERS + " replaces of one version: each had exactly one winner");
    }

    private List<Body> bodies() {
        final List<Body> bodies = new ArrayList<>(WRITERS);
        for (int i = 0; i < WRITERS; i++) {
            bodies.add(work.body(BODY_BYTES));
        }
        return bodies;
    }

    private void requireRefused(final AttemptRequest.PutObject put, final String what) {
        require(ConditionFailed.class, work.attempts().settled(put), what);
    }
}
