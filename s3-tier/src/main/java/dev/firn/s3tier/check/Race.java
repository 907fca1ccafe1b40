package dev.firn.s3tier.check;

import static dev.firn.s3tier.check.Workspace.require;

import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.ConditionFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.ObjectWritten;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Writes side by side of which one may win. Each writer is known by its bytes: what stands under the key in the end says who
 * won in truth, whatever the store told them.
 */
final class Race {
    private static final int NOTHING = -1;
    private static final int FOREIGN = -2;

    private final Workspace work;
    private final String key;
    private final List<Body> bodies;
    private final List<AttemptRequest> requests;

    /** @param request what the writer with this body asks for. */
    Race(
            final Workspace work,
            final String key,
            final List<Body> bodies,
            final Function<Body, ? extends AttemptRequest> request) {
        this.work = work;
        this.key = key;
        this.bodies = bodies;
        this.requests = new ArrayList<>(bodies.size());
        bodies.forEach(body -> requests.add(request.apply(body)));
    }

    /** Runs it; returns the number of the one that won. */
    int run() {
        final List<AttemptResult> results = new ArrayList<>(work.attempts().together(requests));
        askAgain(results);
        final List<Integer> told = new ArrayList<>();
        final List<Integer> untold = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            switch (results.get(i)) {
                case ObjectWritten _ -> told.add(i);
                // An upload that lost may be gone.
                case ConditionFailed _, AttemptResult.Missing _ -> {}
                case AttemptFailed failed when failed.effect() == Effect.UNKNOWN -> untold.add(i);
                case AttemptFailed failed
                when failed.retry() == AttemptResult.Retry.LATER ->
                    throw new Unjudged("a write of a race failed again and again: " + Words.of(failed));
                case final AttemptResult other ->
                    throw new Broken("a write of a race was answered: " + Words.of(other));
            }
        }
        require(
                told.size() <= 1,
                "of " + results.size() + " writers of which one may win, " + told.size() + " were told that they had");
        final int winner = winner();
        if (told.size() == 1) {
            require(
                    winner >= 0,
                    "one writer was told that it had won, and " + (winner == NOTHING ? "nothing" : "something else")
                            + " is there");
            require(
                    winner == told.getFirst(),
                    "the object is that of a writer who was told that it had lost, not of the one who was told that it had won");
            return winner;
        }
        if (untold.isEmpty()) {
            throw new Broken("none of " + results.size() + " writers won, though the condition held");
        }
        throw new Unjudged("the answer of a race's winner was lost");
    }

    /** Whoever was told of a conflict, and to try again, does so: the race is over by then, and it must learn that it lost. */
    private void askAgain(final List<AttemptResult> results) {
        for (int i = 0; i < results.size(); i++) {
            if (results.get(i) instanceof AttemptFailed failed
                    && failed.effect() == Effect.NONE
                    && failed.retry() == AttemptResult.Retry.LATER) {
                results.set(i, work.attempts().settled(requests.get(i)));
            }
        }
    }

    private int winner() {
        if (!work.isThere(key)) {
            return NOTHING;
        }
        for (int i = 0; i < bodies.size(); i++) {
            if (work.difference(key, bodies.get(i)) == null) {
                return i;
            }
        }
        return FOREIGN;
    }
}
