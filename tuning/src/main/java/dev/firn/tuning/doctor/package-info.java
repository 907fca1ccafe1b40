/**
 * What this host offers and lacks, and what each lack costs: the logic of {@code firn doctor}.
 *
 * <p>Read {@link dev.firn.tuning.doctor.Doctor} first. Every finding comes from a reading made at that moment: of a
 * file beneath the system root, of the running JVM, or of a probe that did the thing. Nothing here changes the host,
 * and nothing throws because the host lacks something: a reading that cannot be made is a finding too.
 *
 * <p><b>Owner:</b> stateless between calls; a {@code Doctor} may be used from any one thread.
 */
package dev.firn.tuning.doctor;
