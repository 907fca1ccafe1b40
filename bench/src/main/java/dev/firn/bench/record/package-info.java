/**
 * Redo of single records, by JMH: {@link dev.firn.bench.record.RecordKind} says which,
 * {@link dev.firn.bench.record.RecordSampler} takes records and the pages that they change from a log that a server wrote, and
 * {@link dev.firn.bench.record.RedoRecordMicro} redoes them.
 *
 * <p><b>Owner:</b> the suite's thread samples; JMH's thread redoes.
 */
package dev.firn.bench.record;
