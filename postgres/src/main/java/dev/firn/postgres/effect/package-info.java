/**
 * What WAL records do to things that are not relation pages: relations, databases and tablespaces that come and go, SLRU pages, relation
 * maps, prepared transactions, ids and checkpoints.
 *
 * <p>{@link dev.firn.postgres.effect.Effects} takes a record apart, from the record alone, and tells an
 * {@link dev.firn.postgres.effect.EffectSink} in the order in which Postgres' own redo does it. {@link dev.firn.postgres.effect.SlruRedo} applies
 * what concerns SLRUs to their pages. What a record does to relation pages is in {@code dev.firn.postgres.redo}.
 *
 * <p>{@link dev.firn.postgres.effect.TransactionEnd} is a commit or abort record in place, for whoever wants more of it than a sink is told.
 * {@link dev.firn.postgres.effect.OffsetsPages} is the only class here that keeps state between records, as Postgres' redo does there: whoever
 * replays a log owns one.
 *
 * <p>Nothing here allocates on the way of common records, or blocks. What a standby alone would keep (locks, running transactions, invalidation
 * messages, dropped statistics) is checked and not told, or told as such. Bytes that no Postgres wrote give a
 * {@link dev.firn.postgres.redo.RedoException}.
 */
package dev.firn.postgres.effect;
