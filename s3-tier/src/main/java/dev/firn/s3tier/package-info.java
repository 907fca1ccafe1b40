/**
 * The object store: everything that Firn keeps for long lives behind one interface.
 *
 * <p>What will live here: the interface (conditional create and replace, ranged get into off-heap buffers, streaming
 * multipart, paged list), the AWS CRT S3 client and the local directory behind it, and the simulated store on the fault
 * seam. No code yet.
 */
package dev.firn.s3tier;
