/**
 * Text that a person can read and a program can trust: the small JSON that the WAL archive is described by.
 *
 * <p>{@link dev.firn.walquorum.json.SealedJson} first: what Firn itself writes, with its format's name and version and a checksum over
 * all of it. {@link dev.firn.walquorum.json.JsonParser} takes bytes in any pieces, so that a manifest of millions of files is read
 * without being held.
 *
 * <p>Strict: what RFC 8259 does not allow is an error, and so are fractions, repeated keys and unknown fields.
 *
 * <p><b>Owner:</b> whoever made the object; nothing is shared. <b>Limits:</b> depth and length of texts are those of
 * {@link dev.firn.walquorum.json.JsonParser}.
 */
package dev.firn.walquorum.json;
