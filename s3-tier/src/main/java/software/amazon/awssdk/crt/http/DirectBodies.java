package software.amazon.awssdk.crt.http;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;

/**
 * Requests whose answer's body is handed on as the CRT has it: a direct buffer over the message that the socket, or TLS, was
 * read into. The CRT's public handler copies each into a new array first, which costs as much as all that Firn does with
 * it, and makes a gigabyte of garbage a gigabyte.
 *
 * <p>The class that copies, and the native method that is given it, are not public: the first is extended here, in its
 * package, and the second is called by reflection. A CRT in which they are not as they were in 0.50.0 is used the public way,
 * and {@link #isAvailable} says so.
 */
public final class DirectBodies {
    private static final Method MAKE_REQUEST = find();

    /** A handler that takes a body without a copy. What it has to say of the rest is as in the CRT. */
    public interface Handler extends HttpStreamResponseHandler {
        /** @param body valid during this call only. */
        void onDirectBody(ByteBuffer body);
    }

    private DirectBodies() {}

    /** Whether bodies come without a copy; otherwise they come by {@link HttpStreamResponseHandler#onResponseBody}. */
    public static boolean isAvailable() {
        return MAKE_REQUEST != null;
    }

    /** As {@link HttpClientConnection#makeRequest(HttpRequest, HttpStreamResponseHandler)}. */
    public static HttpStream makeRequest(
            final HttpClientConnection connection, final HttpRequest request, final Handler handler) {
        if (MAKE_REQUEST == null) {
            return connection.makeRequest(request, handler);
        }
        if (connection.isNull()) {
            throw new IllegalStateException("the connection has been closed");
        }
        try {
            return (HttpStream) MAKE_REQUEST.invoke(
                    null,
                    connection.getNativeHandle(),
                    request.marshalForJni(),
                    request.getBodyStream(),
                    new Adapter(handler),
                    false);
        } catch (final InvocationTargetException e) {
            if (e.getCause() instanceof final RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException("the CRT cannot make a request", e.getCause());
        } catch (final IllegalAccessException e) {
            throw new IllegalStateException("the CRT's native method was accessible, and is not any more", e);
        }
    }

    private static Method find() {
        try {
            final Method method = HttpClientConnection.class.getDeclaredMethod(
                    "httpClientConnectionMakeRequest",
                    long.class,
                    byte[].class,
                    HttpRequestBodyStream.class,
                    HttpStreamResponseHandlerNativeAdapter.class,
                    boolean.class);
            method.setAccessible(true);
            return HttpStreamBase.class.isAssignableFrom(method.getReturnType()) ? method : null;
        } catch (final ReflectiveOperationException | LinkageError | RuntimeException _) {
            return null;
        }
    }

    /** What the native side calls. */
    private static final class Adapter extends HttpStreamResponseHandlerNativeAdapter {
        private final Handler handler;

        Adapter(final Handler handler) {
            super(handler);
            this.handler = handler;
        }

        @Override
        int onResponseBody(final HttpStreamBase stream, final ByteBuffer body) {
            final int length = body.limit();
            handler.onDirectBody(body);
            return length;
        }
    }
}
