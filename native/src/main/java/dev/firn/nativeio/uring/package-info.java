/**
 * The ring over the kernel's io_uring, with liburing doing setup and registration, and submission and completion queues
 * read and written in place.
 *
 * <p>{@link dev.firn.nativeio.uring.UringRing} is the ring. Its two queues are apart, so that the kernel's memory layout and
 * its ordering rules stand in two small classes: {@link dev.firn.nativeio.uring.SubmissionQueue} and
 * {@link dev.firn.nativeio.uring.CompletionQueue}. {@link dev.firn.nativeio.uring.UringSetup} finds the best flags that the
 * kernel takes; {@link dev.firn.nativeio.uring.UringSupport} says what a host can do, by doing it.
 *
 * <p><b>Owner:</b> the thread that opened the ring. <b>Invariants:</b> operations in flight never exceed the submission
 * queue's entries, and the completion queue holds twice as many, so neither queue can overflow; the tail of the submission
 * queue is published only by submit.
 */
package dev.firn.nativeio.uring;
