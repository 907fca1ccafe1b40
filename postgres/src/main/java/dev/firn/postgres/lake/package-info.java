/**
 * What values are in the lake: for each type the lake type that holds it natively, and which values fit.
 *
 * <p>A value either fits, and then the lake's value is exactly Postgres', or it goes to overflow as canonical text, and the native column is
 * null there. Nothing is clamped, rounded or nulled. {@link dev.firn.postgres.lake.LakeType#of} first; then
 * {@link dev.firn.postgres.lake.LakeValues} and {@link dev.firn.postgres.lake.DecimalReader}, which convert and say whether it fits.
 * The rules are listed in docs/types.md.
 *
 * <p>Functions and flyweights; what has a state belongs to one thread, and nothing is allocated for a value.
 */
package dev.firn.postgres.lake;
