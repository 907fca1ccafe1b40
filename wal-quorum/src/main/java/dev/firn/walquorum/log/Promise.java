package dev.firn.walquorum.log;

import dev.firn.walquorum.term.Membership;

/** An acceptor's promise, as the control file holds it. */
record Promise(long term, long candidate, Membership membership) {
    static final Promise NONE = new Promise(0, 0, Membership.NONE);
}
