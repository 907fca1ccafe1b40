/**
 * Off-heap memory: one {@link dev.firn.nativeio.memory.OffHeapMemory} a module, sized at start, every allocation tagged
 * and counted. Read that class first.
 *
 * <p><b>Shape.</b> One mapped region, in huge pages when the host has some, is cut into slabs of 2 MiB. A slab serves one
 * size class, a power of two from 512 B to 2 MiB; larger requests take whole slabs in a row. Slots are aligned to their
 * own size, so that every buffer of 4 KiB and more fits direct I/O.
 *
 * <p><b>Lengths.</b> {@code allocate(n)} returns a segment of exactly n bytes, in production as in tests: nobody reads or
 * writes past what was asked for, and {@code byteSize()} can be trusted. Each slot keeps its segment and the last one of
 * another length, so that no Java object is made as long as a slot is asked for the same length again. A caller whose
 * lengths vary from call to call, and that must not allocate on the heap, takes {@code allocateAtLeast(n)}: that returns
 * the whole slot and never makes an object once the slot has been used.
 *
 * <p><b>Owner.</b> Thread-safe: any thread allocates, any thread frees. Within slabs it is lock-free; giving a slab to a
 * class, and requests larger than a slab, take a short lock that does no I/O. Whoever allocates frees, with the very
 * segment that was returned; a slice of it is borrowed memory. The contents of new memory are undefined.
 *
 * <p><b>Invariants.</b> A slot has one holder or none. The bytes counted are those of slots, so that they add up to what
 * is gone from the limit. A full region is an outcome ({@code tryAllocate} returns null) or an error that names the tag,
 * the limit and who holds what; it never grows.
 *
 * <p><b>Mistakes.</b> A double free, a free of foreign memory and a free at a wrong address throw, always. In checked mode
 * (on in tests, or with {@code -Dfirn.memory.checked=true}) each allocation has an arena of its own, closed when it is
 * freed: using it afterwards throws where it happens. What goes round Java (a kernel that writes into a freed buffer) is
 * found by poison that is verified when the slot is used again and at the end, and by a red zone between the end of the
 * allocation and the end of its slot. Leaks are reported with the stack that allocated.
 */
package dev.firn.nativeio.memory;
