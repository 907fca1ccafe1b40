/**
 * The {@code firn} program.
 */
package dev.firn.server;
