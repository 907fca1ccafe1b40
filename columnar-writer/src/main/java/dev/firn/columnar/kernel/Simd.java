package dev.firn.columnar.kernel;

/** Whether the kernels run as vectors. Without the Vector API, or when told so, the scalar twins serve, in sight. */
public final class Simd {
    /** System property: {@code false} chooses the scalar twins, where a JVM's vectors are suspected or compared. */
    public static final String PROPERTY = "firn.lake.vectors";

    static final boolean AVAILABLE = Boolean.parseBoolean(System.getProperty(PROPERTY, "true"))
            && ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();

    private Simd() {}

    /** Which kernels run, for start-up logs. */
    public static String describe() {
        return AVAILABLE
                ? "vectors"
                : "scalar (the JVM runs without --add-modules=jdk.incubator.vector, or with -D" + PROPERTY + "=false)";
    }
}
