/**
 * Values: from a datum's stored bytes to Postgres' canonical text, exactly.
 *
 * <p>Canonical text is what the type's output function prints with DateStyle ISO, IntervalStyle postgres, extra_float_digits 1,
 * bytea_output hex, timezone UTC and lc_monetary C: what {@code COPY} writes and a client sees. It is what {@code ::text} prints, too, but for
 * the types whose cast to text is another function and says less: {@code bpchar} (the cast cuts trailing blanks off), {@code inet} (the
 * cast always adds the netmask), and {@code bool} (the cast prints words, the output function {@code t} and {@code f}). XML is printed as it is
 * stored, as by {@code ::text}; its output function would rewrite the declaration. What no datum alone can resolve prints as it does in Postgres
 * when the name is gone: {@code reg*} types their number. Text is in the database's encoding.
 *
 * <p>{@link dev.firn.postgres.value.DatumPrinter} first, which takes a {@link dev.firn.postgres.value.TypeDescription} and a
 * {@link dev.firn.postgres.value.DatumFlyweight} and appends to a {@link dev.firn.postgres.value.TextBuffer}. All belong to one thread, and
 * allocate nothing once the buffers have grown to the largest value. Each read is checked against the value's own bounds: bytes that are no
 * value of the type are a {@link dev.firn.postgres.MalformedDataException}.
 */
package dev.firn.postgres.value;
