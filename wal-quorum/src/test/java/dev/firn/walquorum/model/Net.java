package dev.firn.walquorum.model;

import dev.firn.walquorum.term.TermHistory;
import java.util.Arrays;

/**
 * What proposers have ever sent: any of it may reach any acceptor at any time, again and again, or never.
 *
 * <p>Bytes of a term at a place are always the same, so it is enough to know how far its proposer has written.
 */
final class Net {
    /** By term: which candidates asked for votes, as bits. */
    final int[] asked;

    /** By term: who won it, 0 for nobody; and with which history. */
    final int[] winner;

    final TermHistory[] histories;
    final int[] base;

    /** By term: up to where its proposer has sent bytes, and has told what is committed. */
    final int[] written;

    final int[] committed;

    Net() {
        asked = new int[Bounds.MAX_TERMS + 1];
        winner = new int[Bounds.MAX_TERMS + 1];
        histories = new TermHistory[Bounds.MAX_TERMS + 1];
        Arrays.setAll(histories, i -> new TermHistory());
        base = new int[Bounds.MAX_TERMS + 1];
        written = new int[Bounds.MAX_TERMS + 1];
        committed = new int[Bounds.MAX_TERMS + 1];
    }
}
