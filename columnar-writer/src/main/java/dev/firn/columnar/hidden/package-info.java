/**
 * The columns that the lake's rows have beside the user's: {@link dev.firn.columnar.hidden.HiddenColumns}, and by which field ids all of them are
 * known, {@link dev.firn.columnar.hidden.FieldIds}. Both who writes rows and who makes pages of them go by these.
 *
 * <p>Functions of a tuple's header; nothing is allocated.
 */
package dev.firn.columnar.hidden;
