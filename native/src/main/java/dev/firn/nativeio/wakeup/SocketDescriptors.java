package dev.firn.nativeio.wakeup;

import java.lang.reflect.Method;
import java.nio.channels.SocketChannel;

/**
 * The kernel's descriptors of the JDK's sockets, for {@link WaitSet#addDescriptor}. The JDK keeps them to itself: it takes the flag
 * {@code --add-exports java.base/sun.nio.ch}, which stands in {@code tuning/jvm.options}.
 */
public final class SocketDescriptors {
    /** The JVM runs without the flag: who waits has to look now and then. */
    public static final int UNKNOWN = -1;

    private static final Method READER = find();

    private SocketDescriptors() {}

    /** Good until the channel is closed; {@link #UNKNOWN} when it is not to be had. */
    public static int of(final SocketChannel channel) {
        if (READER == null) {
            return UNKNOWN;
        }
        try {
            return (int) READER.invoke(channel);
        } catch (final ReflectiveOperationException | IllegalArgumentException e) {
            // Not exported to us, or not a channel of the JDK's own provider.
            return UNKNOWN;
        }
    }

    private static Method find() {
        try {
            return Class.forName("sun.nio.ch.SelChImpl").getMethod("getFDVal");
        } catch (final ReflectiveOperationException e) {
            return null;
        }
    }
}
