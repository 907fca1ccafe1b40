package dev.firn.tuning.doctor;

import java.util.List;

/** One area of the examination. */
@FunctionalInterface
interface Reading {
    /** Appends what it found; never throws because the host lacks something. */
    void addTo(List<Finding> findings);
}
