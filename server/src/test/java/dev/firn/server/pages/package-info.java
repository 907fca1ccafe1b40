/**
 * The page store over whole corpora, held against the cold replay of the same log: {@link dev.firn.server.pages.IngestOracleTest} first.
 */
package dev.firn.server.pages;
