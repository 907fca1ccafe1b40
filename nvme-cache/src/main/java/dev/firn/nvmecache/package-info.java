/**
 * The block cache on NVMe for the bytes of layers.
 *
 * <p>What will live here: the cache over direct files and the ring, its eviction, and the persistent map that makes a
 * restart a warm one. No code yet.
 */
package dev.firn.nvmecache;
