package dev.firn.transport.aeron;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The socket buffers that a profile gets on this host: the kernel caps SO_RCVBUF and SO_SNDBUF at
 * {@code net.core.rmem_max} and {@code net.core.wmem_max} without an error (socket(7)), and Aeron refuses to start with a
 * receiver window that is longer than the receive buffer.
 *
 * @param warnings one sentence for each limit that is lower than the profile wants.
 */
record SocketBuffers(int receiveLength, int sendLength, int receiverWindowLength, List<String> warnings) {
    static final Path KERNEL_LIMITS = Path.of("/proc/sys/net/core");

    /** The kernel's own default for both limits, assumed where they cannot be read. */
    private static final int KERNEL_DEFAULT = 212_992;

    static SocketBuffers plan(final DriverProfile profile, final Path kernelLimits) {
        final List<String> warnings = new ArrayList<>();
        final int receive = limited("rmem_max", profile, kernelLimits, warnings);
        final int send = limited("wmem_max", profile, kernelLimits, warnings);
        final int window = Math.min(profile.receiverWindowLength(), receive);
        return new SocketBuffers(receive, send, window, List.copyOf(warnings));
    }

    private static int limited(
            final String name, final DriverProfile profile, final Path kernelLimits, final List<String> warnings) {
        final int wanted = profile.socketBufferLength();
        final int limit = read(kernelLimits.resolve(name));
        if (limit >= wanted) {
            return wanted;
        }
        warnings.add("net.core." + name + " is " + limit + ", transport profile " + profile.configName() + " wants "
                + wanted + ": bursts over UDP will be lost and sent again; raise it with sysctl or `firn tune`");
        return limit;
    }

    /** One read only: what a second read of a file in /proc/sys starts at is its end, so no {@code Files.readString}. */
    private static int read(final Path limit) {
        try (BufferedReader reader = Files.newBufferedReader(limit)) {
            return (int) Math.min(Integer.MAX_VALUE, Long.parseLong(reader.readLine()));
        } catch (final IOException | NumberFormatException e) {
            return KERNEL_DEFAULT;
        }
    }
}
