package dev.firn.columnar.kernel;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vectors of the kernels: of 256 bits, or fewer where the processor has fewer; never of two lengths in one process. What the Vector API's own methods
 * do is compiled by what they were seen to be called with, and is shared by all kernels: with two lengths C2 leaves calls within them open, and their
 * vectors are objects for as long as the process runs.
 *
 * <p>Nor is a method ever called on a vector that a loop carries round: C2 may not know its class where the loop begins, looks at the class, and needs
 * the object for that. What was just loaded stands in front, or a constant that changes nothing. Apart, so that a JVM without the Vector API never loads it.
 */
final class Lanes {
    private static final int MOST_BITS = 256;

    static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED.vectorBitSize() > MOST_BITS
            ? IntVector.SPECIES_256
            : IntVector.SPECIES_PREFERRED;
    static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED.vectorBitSize() > MOST_BITS
            ? LongVector.SPECIES_256
            : LongVector.SPECIES_PREFERRED;
    static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED.vectorBitSize() > MOST_BITS
            ? FloatVector.SPECIES_256
            : FloatVector.SPECIES_PREFERRED;
    static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED.vectorBitSize() > MOST_BITS
            ? DoubleVector.SPECIES_256
            : DoubleVector.SPECIES_PREFERRED;

    private Lanes() {}
}
