package dev.firn.tuning.doctor;

import dev.firn.tuning.host.Bytes;
import java.util.List;

/** JDK and flags. */
record JavaReading(RunningJvm jvm) implements Reading {
    /** Compact object headers without a diagnostic flag, final Panama, the Vector API as the code uses it. */
    static final int REQUIRED_FEATURE = 25;

    private static final String AREA = "java";
    private static final String FLAGS_FILE = "start Firn with ./firn, which takes its flags from tuning/jvm.options";

    @Override
    public void addTo(final List<Finding> findings) {
        findings.add(version());
        findings.add(nativeAccess());
        findings.add(collector());
        findings.add(compactHeaders());
        findings.add(vectors());
        findings.add(internals());
        findings.add(Finding.info(AREA, "heap limit", Bytes.format(jvm.maxHeapBytes())));
    }

    private Finding version() {
        final String value = jvm.version() + " (" + jvm.vendor() + ", " + jvm.machine() + ")";
        if (jvm.feature() < REQUIRED_FEATURE) {
            return Finding.missing(
                    AREA,
                    "jdk",
                    value,
                    "Firn's classes are built for JDK " + REQUIRED_FEATURE + " and do not load on an older one",
                    "install a JDK " + REQUIRED_FEATURE + " and set JAVA_HOME to it");
        }
        return Finding.ok(AREA, "jdk", value);
    }

    private Finding nativeAccess() {
        if (jvm.nativeAccess()) {
            return Finding.ok(AREA, "native access", "enabled");
        }
        final String remedy = FLAGS_FILE + " (--enable-native-access=ALL-UNNAMED)";
        return jvm.deniesNativeAccess()
                ? Finding.missing(
                        AREA, "native access", "denied", "no file can be opened: every libc call is refused", remedy)
                : Finding.degraded(
                        AREA,
                        "native access",
                        "not enabled",
                        "the JVM warns at each start, and later releases refuse",
                        remedy);
    }

    private Finding collector() {
        final String value = String.join(", ", jvm.collectors());
        return value.contains("ZGC")
                ? Finding.ok(AREA, "garbage collector", value)
                : Finding.degraded(
                        AREA,
                        "garbage collector",
                        value,
                        "each collection stops every thread for milliseconds, and a commit that waits then"
                                + " waits as long",
                        FLAGS_FILE + " (-XX:+UseZGC)");
    }

    private Finding compactHeaders() {
        return jvm.compactHeaders()
                ? Finding.ok(AREA, "compact object headers", "on")
                : Finding.degraded(
                        AREA,
                        "compact object headers",
                        "off",
                        "each object on the heap is 4 to 8 bytes larger",
                        FLAGS_FILE + " (-XX:+UseCompactObjectHeaders)");
    }

    private Finding vectors() {
        return jvm.vectorBits() > 0
                ? Finding.ok(AREA, "vector module", "preferred width " + jvm.vectorBits() + " bits")
                : Finding.degraded(
                        AREA,
                        "vector module",
                        "jdk.incubator.vector is not there",
                        "encoders and checksums run their scalar twins, several times slower",
                        FLAGS_FILE + " (--add-modules=jdk.incubator.vector)");
    }

    private Finding internals() {
        if (jvm.unsafeExported() && jvm.checksumOpen()) {
            return Finding.ok(AREA, "opened internals", "jdk.internal.misc, java.util.zip");
        }
        return Finding.degraded(
                AREA,
                "opened internals",
                (jvm.unsafeExported() ? "" : "jdk.internal.misc is closed ")
                        + (jvm.checksumOpen() ? "" : "java.util.zip is closed"),
                (jvm.unsafeExported() ? "" : "Aeron's transport does not start; ")
                        + (jvm.checksumOpen() ? "" : "each checksum of off-heap memory allocates a buffer object"),
                FLAGS_FILE + " (--add-exports and --add-opens)");
    }
}
