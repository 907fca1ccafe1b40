/** Tests of the Postgres that a system runs itself, with real processes. */
package dev.firn.server.postgres;
