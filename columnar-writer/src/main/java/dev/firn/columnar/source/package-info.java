/**
 * Where the transcoder's pages come from, beside a page server: {@link dev.firn.columnar.source.DirectoryPages}, a data directory whose Postgres was
 * stopped. For one thread.
 */
package dev.firn.columnar.source;
