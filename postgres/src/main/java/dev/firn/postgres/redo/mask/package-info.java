/**
 * What all masks of consistency checks are made of: access/bufmask.h of Postgres. Functions over a copy of a page; both sides of a
 * comparison are masked alike.
 */
package dev.firn.postgres.redo.mask;
