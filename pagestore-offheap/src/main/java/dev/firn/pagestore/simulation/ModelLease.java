package dev.firn.pagestore.simulation;

/** An LSN of a timeline that a page server has promised to a reader. */
record ModelLease(ModelLog log, String holder, long lsn) {}
