package dev.firn.walquorum.model;

/** The steps of a world, numbered: those of proposers first, then what can happen to each acceptor. */
final class Step {
    private static final int PROPOSER_STEPS = 4;

    private Step() {}

    static int count(final Bounds bounds) {
        return Bounds.PROPOSERS * PROPOSER_STEPS + Bounds.ACCEPTORS * acceptorSteps(bounds);
    }

    private static int acceptorSteps(final Bounds bounds) {
        return 1 + bounds.terms() * stepsOfTerm(bounds);
    }

    /** Vote requests, the start, the next byte, a fetch from each, what is committed. */
    private static int stepsOfTerm(final Bounds bounds) {
        return bounds.candidates() + 1 + 1 + Bounds.ACCEPTORS + bounds.entries();
    }

    /** @return false when this step is not possible now. */
    static boolean take(final ModelWorld world, final int number) {
        final Bounds bounds = world.bounds;
        int rest = number;
        if (rest < Bounds.PROPOSERS * PROPOSER_STEPS) {
            final ModelProposer host = world.proposers[rest / PROPOSER_STEPS];
            return switch (rest % PROPOSER_STEPS) {
                case 0 -> world.campaign(host);
                case 1 -> world.tick(host);
                case 2 -> world.write(host);
                default -> world.restart(host);
            };
        }
        rest -= Bounds.PROPOSERS * PROPOSER_STEPS;
        final ModelAcceptor to = world.acceptors[rest / acceptorSteps(bounds)];
        rest %= acceptorSteps(bounds);
        return rest == 0
                ? world.crash(to)
                : deliver(world, to, 1 + (rest - 1) / stepsOfTerm(bounds), (rest - 1) % stepsOfTerm(bounds));
    }

    private static boolean deliver(final ModelWorld world, final ModelAcceptor to, final int term, final int which) {
        int rest = which;
        if (rest < world.bounds.candidates()) {
            return world.deliverVoteRequest(to, term, 1 + rest);
        }
        rest -= world.bounds.candidates();
        if (rest == 0) {
            return world.deliverTermStart(to, term);
        }
        if (rest == 1) {
            return world.deliverAppend(to, term);
        }
        rest -= 2;
        return rest < Bounds.ACCEPTORS
                ? world.fetch(to, term, world.acceptors[rest])
                : world.deliverCommit(to, term, 1 + rest - Bounds.ACCEPTORS);
    }

    static String describe(final Bounds bounds, final int number) {
        int rest = number;
        if (rest < Bounds.PROPOSERS * PROPOSER_STEPS) {
            final String[] acts = {"campaigns", "campaigns again", "writes", "restarts"};
            return "proposer " + rest / PROPOSER_STEPS + ' ' + acts[rest % PROPOSER_STEPS];
        }
        rest -= Bounds.PROPOSERS * PROPOSER_STEPS;
        final String to = "acceptor " + rest / acceptorSteps(bounds);
        rest %= acceptorSteps(bounds);
        return rest == 0
                ? to + " restarts"
                : to + describe(bounds, 1 + (rest - 1) / stepsOfTerm(bounds), (rest - 1) % stepsOfTerm(bounds));
    }

    private static String describe(final Bounds bounds, final int term, final int which) {
        int rest = which;
        if (rest < bounds.candidates()) {
            return " hears candidate " + (1 + rest) + " ask for term " + term;
        }
        rest -= bounds.candidates();
        if (rest == 0) {
            return " hears that term " + term + " starts";
        }
        if (rest == 1) {
            return " gets the next byte of term " + term;
        }
        rest -= 2;
        return rest < Bounds.ACCEPTORS
                ? " fetches from acceptor " + rest + " in term " + term
                : " hears that " + (1 + rest - Bounds.ACCEPTORS) + " is committed in term " + term;
    }
}
