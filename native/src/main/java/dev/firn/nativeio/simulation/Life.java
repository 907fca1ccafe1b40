package dev.firn.nativeio.simulation;

/** The time from one start of a simulated process to its end; whatever it opened shares its fate. */
final class Life {
    private String ending;

    boolean over() {
        return ending != null;
    }

    void end(final String how) {
        if (ending == null) {
            ending = how;
        }
    }

    void check() {
        if (ending != null) {
            throw new HostDownError("the simulated host is down: " + ending + "; what was opened before is dead");
        }
    }
}
