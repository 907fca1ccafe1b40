/**
 * What a host offers, what it lacks, and what to set.
 */
package dev.firn.tuning;
