/**
 * The server that the S3 benchmarks load, in a process of its own: {@link dev.firn.bench.s3.load.LoadServer} first.
 *
 * <p><b>Why one of our own.</b> What is to be measured is the client. The servers that tests use cost several times as much processor
 * time a request as either client does, so that with them both sides would measure the server, and on a small host share its
 * processors with it. This one does as little as a client can notice: it answers reads from one object in memory, drops what is
 * written, and checks no signature.
 *
 * <p><b>It is a load, not an oracle.</b> It keeps nothing, so nothing about conditions, lists, versions or errors can be learned from
 * it; what it does not know it refuses with 501 and counts. That the clients speak S3 as it should be is what the contract test
 * proves, on real servers.
 *
 * <p><b>Owner:</b> each connection belongs to one {@link dev.firn.bench.s3.load.LoadLoop}'s thread; counters may be read by any.
 */
package dev.firn.bench.s3.load;
