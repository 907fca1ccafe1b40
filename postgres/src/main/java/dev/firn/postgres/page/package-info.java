/**
 * Postgres' pages and what stands on them: header, line pointers, heap tuples, varlena values, visibility map, free space map.
 *
 * <p>Everything is a flyweight or a function over memory that somebody else owns; nothing allocates and nothing holds a state
 * of its own besides the range that it was wrapped around. A flyweight belongs to one thread. Every offset that is read from a
 * page is checked against that page, not merely against the segment it lies in: what does not fit is a
 * {@link dev.firn.postgres.MalformedDataException}.
 *
 * <p>The layouts are those of an 8 KiB block on a 64-bit little-endian machine, layout version 4 (storage/bufpage.h), the same in
 * all versions from 8.3 to 18. Read {@link dev.firn.postgres.page.PageFlyweight} first.
 */
package dev.firn.postgres.page;
