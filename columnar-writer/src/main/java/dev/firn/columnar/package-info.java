/**
 * The transcoder: heap pages to Parquet, exact to the bit, and back.
 *
 * <p>What will live here: catalogs at an LSN, tuple decoding and visibility, Arrow vectors, the SIMD encoders with their
 * scalar twins, Parquet, Iceberg and Delta metadata, and the verification that rebuilds heap pages. No code yet.
 */
package dev.firn.columnar;
