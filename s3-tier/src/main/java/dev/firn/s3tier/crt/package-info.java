/**
 * S3 and what speaks like it, by the AWS CRT's HTTP client: {@link dev.firn.s3tier.crt.CrtBackend}, opened from a
 * {@link dev.firn.s3tier.crt.CrtConfig}.
 *
 * <pre>
 *   CrtBackend, RangedRead, Exchange         an attempt on its way: read them in this order
 *   RequestEncoder, Addressing, RequestXml   what is sent
 *   AnswerBody, AnswerDecoder, ErrorDecoder  what comes back, and what it means
 *   CrtClient, RequestSigner, TlsProbe       what is held of the CRT
 * </pre>
 *
 * <p><b>Owners.</b> An exchange belongs to the event loop of its connection once it has one; before that to whoever moves it. Each class
 * says what its monitor guards.
 *
 * <p><b>Invariants.</b> An attempt is completed once, after the CRT's last word on each of its streams: no thread touches its
 * buffers from then on. Nothing is tried again here. An effect is NONE only when the store refused, or cannot have the whole
 * request. No answer, however broken, writes beyond a buffer or allocates without bound.
 */
package dev.firn.s3tier.crt;
