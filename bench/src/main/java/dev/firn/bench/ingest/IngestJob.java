package dev.firn.bench.ingest;

import dev.firn.bench.corpus.Corpus;

/**
 * What the suite asks an {@link IngestWorker} for: the log of a corpus ingested over its base, once.
 *
 * @param directory made anew, and gone afterwards.
 * @param tableBytes of each memory table.
 */
record IngestJob(Corpus corpus, String directory, long tableBytes) {}
