/**
 * Waiting without polling: a thread without work sleeps in the kernel, and whoever has work for it, in this process or another,
 * wakes it. {@link dev.firn.nativeio.wakeup.WaitSet} first: what a thread waits for; then
 * {@link dev.firn.nativeio.wakeup.Doorbell}, which other processes ring by a {@link dev.firn.nativeio.wakeup.DoorbellRinger}, and
 * {@link dev.firn.nativeio.wakeup.Wakeup}, which is for threads of this process. A {@link dev.firn.nativeio.wakeup.SharedThread} runs
 * several agents that sleep together, where one would wake the other all the time.
 *
 * <p><b>Why.</b> A thread that looks for work from time to time is late by half of that time, and pays for each look: on a virtual machine
 * a timed wait of 50 µs takes 17 µs of processor time, so that four threads that look so often take a whole CPU, and
 * Postgres goes without it. A thread that is woken reacts within 4 to 8 µs, and an idle one costs nothing.
 *
 * <p><b>How no wake-up is lost.</b> Who is about to sleep first says so ({@link dev.firn.nativeio.wakeup.WaitSet#arm}), then looks for work
 * once more, then sleeps. Who has work puts it there, then looks whether the other sleeps. Each side has a full fence between its
 * two steps, so at least one of them sees the other.
 *
 * <p><b>Owner.</b> A wait set, its doorbells, and a ringer belong to one thread each. Ringers are many to a doorbell.
 */
package dev.firn.nativeio.wakeup;
