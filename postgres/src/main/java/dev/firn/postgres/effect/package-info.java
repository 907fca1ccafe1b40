/**
 * What WAL records do to things that are not relation pages: relations, databases and tablespaces that come and go, SLRU pages, relation
 * maps, prepared transactions, ids and checkpoints.
 *
 * <p>{@link dev.firn.postgres.effect.Effects} takes a record apart, from the record alone, and tells an
 * {@link dev.firn.postgres.effect.EffectSink} in the order in which Postgres' own redo does it. {@link dev.firn.postgres.effect.SlruRedo} applies
 * what concerns SLRUs to their pages. What a record does to relation pages is in {@code dev.firn.postgres.redo}.
 *
 * <p>Nothing here keeps state between records, allocates on the way of common records, or blocks.
 */
package dev.firn.postgres.effect;
