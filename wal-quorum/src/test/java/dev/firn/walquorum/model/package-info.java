/**
 * The state machines themselves, checked exhaustively within small bounds: every order of messages, losses, repetitions and
 * restarts of two proposers and three acceptors.
 *
 * <p>{@link dev.firn.walquorum.model.ModelCheckTest} says the bounds, {@link dev.firn.walquorum.model.ModelWorld} what a step is and
 * what is checked after it, {@link dev.firn.walquorum.model.StateCodec} how a state is written down and which states are the same.
 */
package dev.firn.walquorum.model;
