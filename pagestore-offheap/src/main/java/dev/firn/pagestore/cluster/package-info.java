/**
 * What recovery knows of a cluster besides its relations' pages, and the rules by which records change it: the counters and the control file
 * ({@link dev.firn.pagestore.cluster.ClusterProgress}), which SLRU segments there are ({@link dev.firn.pagestore.cluster.SlruSegments}),
 * replication origins ({@link dev.firn.pagestore.cluster.ReplicationOrigins}).
 *
 * <p>{@link dev.firn.pagestore.cluster.RecoverySink} first: a cold replay and the page store's ingest both go by it, and differ in the {@link
 * dev.firn.pagestore.cluster.RecoveryTarget} that they give it. One thread owns all of it.
 */
package dev.firn.pagestore.cluster;
