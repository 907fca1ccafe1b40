/**
 * Messages between Firn's processes, over Aeron.
 */
package dev.firn.transport;
