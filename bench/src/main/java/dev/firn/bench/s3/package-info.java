/**
 * The object store's S3 tier beside the AWS SDK's asynchronous client, both on the server of {@link dev.firn.bench.s3.load}.
 *
 * <p>{@link dev.firn.bench.s3.S3Benchmark} leads the rounds, {@link dev.firn.bench.transfer.SessionClient} is our
 * side and {@code SdkClient} the rival.
 *
 * <p><b>What is compared.</b> Both sides speak plain HTTP on the loopback, sign each request, keep as many operations in flight, leave
 * unsigned bodies to their CRC32C, read into off-heap memory and write from it without a copy of their own. Every range read is checked.
 * Operations are begun until the time is over and those on their way are waited for: what is counted has ended, and no side gains
 * by leaving something behind. The rival runs with the collector that the JDK chooses by itself: the product's suits
 * programs that allocate little, which the SDK is not.
 *
 * <p><b>What is not.</b> TLS, which on both sides is its library's matter; a network; a store's own latency.
 *
 * <p><b>Owner:</b> the suite's thread; in a client's process, the thread that answers, and for the SDK its event loops, one slot at a time.
 */
package dev.firn.bench.s3;
