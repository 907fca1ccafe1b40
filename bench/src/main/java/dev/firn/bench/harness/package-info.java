/** The harness. */
package dev.firn.bench.harness;
