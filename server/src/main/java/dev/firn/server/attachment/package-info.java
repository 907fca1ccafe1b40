/**
 * Which running Postgres servers a system follows, as its data directory remembers it.
 *
 * <p>{@link dev.firn.server.attachment.AttachmentStore} first. {@code attachments/NAME/} holds one attachment: what it is in
 * {@code attachment.json}, how its primary is reached in {@code primary.conninfo}, and the receiver's own files.
 *
 * <p><b>Owner:</b> the process that is up on the directory. <b>Invariants:</b> what was acknowledged to who attached or detached
 * survives a crash; a conninfo, in which there may be a password, is in one file of mode 0600 and in no log, status or message.
 */
package dev.firn.server.attachment;
