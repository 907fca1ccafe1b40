/**
 * What the tests of the object store talk to: real S3 servers, and a proxy of faults before them.
 *
 * <pre>
 *   S3Server     an S3 server as a process of its own: Adobe's S3Mock, or Ceph's gateway   (read this first)
 *   FaultProxy   stands before any server, and does to requests and answers what networks and stores do
 *   Fault        what it can do                                RequestPattern   to which requests
 *   ServerTrait  how a server as a whole can be worse than S3: without conditional writes, with stale lists, …
 * </pre>
 *
 * <p>Exported as the module's test jar, for the tests and benchmarks of other modules: they need {@code -Dfirn.root} and what the
 * build of this module puts into its {@code target/s3server}.
 *
 * <p><b>Owner:</b> whoever starts a server or a proxy closes it; {@link dev.firn.s3tier.s3server.S3Server#shared()} lives as long
 * as the JVM. Each connection of a proxy is served by one virtual thread, which blocks as it likes. All is thread-safe.
 */
package dev.firn.s3tier.s3server;
