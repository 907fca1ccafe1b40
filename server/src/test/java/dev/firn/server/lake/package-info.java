/** Tests of what tables of a timeline become as files. */
package dev.firn.server.lake;
