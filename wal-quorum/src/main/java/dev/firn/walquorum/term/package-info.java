/**
 * What both sides of the quorum reason with: {@link dev.firn.walquorum.term.TermHistory} first, which says where two logs
 * part, then {@link dev.firn.walquorum.term.Membership}, which says what a majority is.
 *
 * <p>No I/O, no threads. A history belongs to whoever made it; a membership is a value.
 *
 * <p><b>Invariants:</b> a term has one proposer, so one start; logs whose histories agree on a term hold the same bytes below
 * the first place where either history goes on differently.
 */
package dev.firn.walquorum.term;
