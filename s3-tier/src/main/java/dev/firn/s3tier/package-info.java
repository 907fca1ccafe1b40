/**
 * The object store: everything that Firn keeps for long lives behind one interface.
 *
 * <pre>
 *   store       the contract: ObjectStore, StoreSession, outcomes, limits        (read this first)
 *   session     deadlines, retries, budget, circuit, limits, whose write won     (once, for all kinds of store)
 *   backend     one attempt of one request, told plainly
 *   crt         S3 and what speaks like it, by the AWS CRT
 *   directory   a local directory that keeps the same promises
 *   simulation  the simulated store: the same promises, and nothing more
 *   location    store URLs, and opening the store that one names
 *   check       does a store keep its promises: firn store check
 * </pre>
 */
package dev.firn.s3tier;
