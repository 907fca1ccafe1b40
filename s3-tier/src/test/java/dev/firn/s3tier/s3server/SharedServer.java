package dev.firn.s3tier.s3server;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;

/** The one server of this JVM, started by whoever asks first. Its process ends with the JVM's. */
final class SharedServer {
    private static final AtomicReference<S3Server> SERVER = new AtomicReference<>();

    private SharedServer() {}

    static S3Server get() throws IOException {
        synchronized (SERVER) {
            if (SERVER.get() == null) {
                SERVER.set(S3MockServer.start());
            }
            return SERVER.get();
        }
    }
}
