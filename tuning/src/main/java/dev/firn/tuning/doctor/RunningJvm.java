package dev.firn.tuning.doctor;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;

/**
 * The JVM that this program runs in, read from itself.
 *
 * @param feature the JDK's feature release, 25.
 * @param version the full version, with build.
 * @param vendor who built it.
 * @param machine the instruction set, as {@code os.arch} names it.
 * @param operatingSystem as {@code os.name} names it.
 * @param collectors the garbage collector's beans.
 * @param compactHeaders whether object headers have 8 bytes.
 * @param nativeAccess whether Firn's classes may call native code without a warning.
 * @param deniesNativeAccess whether the JVM refuses the others.
 * @param unsafeExported whether Agrona and Aeron reach {@code jdk.internal.misc}.
 * @param checksumOpen whether CRC32C over an address is reachable in {@code java.util.zip}.
 * @param vectorBits the Vector API's preferred width; 0 without the module.
 * @param maxHeapBytes the heap's limit.
 */
record RunningJvm(
        int feature,
        String version,
        String vendor,
        String machine,
        String operatingSystem,
        List<String> collectors,
        boolean compactHeaders,
        boolean nativeAccess,
        boolean deniesNativeAccess,
        boolean unsafeExported,
        boolean checksumOpen,
        int vectorBits,
        long maxHeapBytes) {

    static RunningJvm read() {
        final Module own = RunningJvm.class.getModule();
        final Module base = Object.class.getModule();
        return new RunningJvm(
                Runtime.version().feature(),
                Runtime.version().toString(),
                System.getProperty("java.vendor.version", System.getProperty("java.vendor", "")),
                System.getProperty("os.arch", ""),
                System.getProperty("os.name", ""),
                collectorNames(),
                flag("UseCompactObjectHeaders"),
                own.isNativeAccessEnabled(),
                ManagementFactory.getRuntimeMXBean().getInputArguments().contains("--illegal-native-access=deny"),
                base.isExported("jdk.internal.misc", own),
                base.isOpen("java.util.zip", own),
                preferredVectorBits(),
                Runtime.getRuntime().maxMemory());
    }

    private static List<String> collectorNames() {
        final List<String> names = new ArrayList<>();
        for (final GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            names.add(collector.getName());
        }
        return List.copyOf(names);
    }

    /** False also for a flag that this JVM does not know. */
    private static boolean flag(final String name) {
        final HotSpotDiagnosticMXBean bean = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        try {
            return bean != null && Boolean.parseBoolean(bean.getVMOption(name).getValue());
        } catch (final IllegalArgumentException unknownFlag) {
            return false;
        }
    }

    /**
     * By reflection: the incubator module is only there when a flag asks for it, and this must say so when it is not.
     */
    private static int preferredVectorBits() {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            return 0;
        }
        try {
            final Class<?> shape = Class.forName("jdk.incubator.vector.VectorShape");
            final Object preferred = shape.getMethod("preferredShape").invoke(null);
            return (int) shape.getMethod("vectorBitSize").invoke(preferred);
        } catch (final ClassNotFoundException
                | NoSuchMethodException
                | IllegalAccessException
                | InvocationTargetException changedByTheJdk) {
            return 0;
        }
    }
}
