package dev.firn.walquorum.simulation;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.Storage;
import dev.firn.transport.codec.quorum.AppendEncoder;
import dev.firn.transport.codec.quorum.AppendedDecoder;
import dev.firn.transport.codec.quorum.AppendedEncoder;
import dev.firn.transport.codec.quorum.MessageHeaderDecoder;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The seam with a bug in it: each call goes through but for the one that the bug is in. */
final class Sabotage {
    private static final int HEADER_BYTES = MessageHeaderDecoder.ENCODED_LENGTH;

    private Sabotage() {}

    static Storage withoutFlush(final Storage storage) {
        return proxy(Storage.class, (self, method, arguments) -> {
            final Object result = call(storage, method, arguments);
            return method.getName().equals("openRing") ? withoutFlush((Ring) result) : result;
        });
    }

    private static Ring withoutFlush(final Ring ring) {
        return proxy(Ring.class, (self, method, arguments) -> {
            if (method.getName().equals("write")) {
                final int last = arguments.length - 1;
                arguments[last] = (Integer) arguments[last] & ~Ring.DURABLE;
            }
            return call(ring, method, arguments);
        });
    }

    static Endpoint tellingReceivedAsFlushed(final Endpoint endpoint) {
        final UnsafeBuffer copy = new UnsafeBuffer(new byte[HEADER_BYTES + AppendedDecoder.BLOCK_LENGTH]);
        final AppendedEncoder encoder = new AppendedEncoder();
        return sending(endpoint, AppendedDecoder.TEMPLATE_ID, copy, (message, bodyLength) -> {
            final long received = message.getLong(
                    HEADER_BYTES + AppendedDecoder.receivedLsnEncodingOffset(), ByteOrder.LITTLE_ENDIAN);
            encoder.wrap(message, HEADER_BYTES).flushedLsn(received);
        });
    }

    static Endpoint tellingSentAsCommitted(final Endpoint endpoint) {
        final UnsafeBuffer copy = new UnsafeBuffer(new byte[HEADER_BYTES + AppendEncoder.BLOCK_LENGTH]);
        final AppendEncoder encoder = new AppendEncoder();
        return sending(endpoint, AppendEncoder.TEMPLATE_ID, copy, (message, bodyLength) -> {
            final long begin =
                    message.getLong(HEADER_BYTES + AppendEncoder.beginLsnEncodingOffset(), ByteOrder.LITTLE_ENDIAN);
            encoder.wrap(message, HEADER_BYTES).commitLsn(begin + bodyLength);
        });
    }

    private interface Change {
        void apply(UnsafeBuffer message, int bodyLength);
    }

    /** Messages of one template are changed on their way out; they are of the copy's length. */
    private static Endpoint sending(
            final Endpoint endpoint, final int template, final UnsafeBuffer copy, final Change change) {
        return proxy(Endpoint.class, (self, method, arguments) -> {
            if (method.getName().equals("send")) {
                final DirectBuffer head = (DirectBuffer) arguments[1];
                final int offset = (Integer) arguments[2];
                final int length = (Integer) arguments[3];
                final int itsTemplate = head.getShort(
                        offset + MessageHeaderDecoder.templateIdEncodingOffset(), ByteOrder.LITTLE_ENDIAN);
                if (itsTemplate == template && length == copy.capacity()) {
                    copy.putBytes(0, head, offset, length);
                    change.apply(copy, arguments.length > 4 ? (Integer) arguments[6] : 0);
                    arguments[1] = copy;
                    arguments[2] = 0;
                }
            }
            return call(endpoint, method, arguments);
        });
    }

    private static <T> T proxy(final Class<T> type, final InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static Object call(final Object target, final Method method, final Object... arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (final InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
