package dev.firn.s3tier.crt;

import java.util.Objects;

/** Whether requests go through an HTTP proxy. TLS is tunnelled through it, plain HTTP is forwarded by it. */
public sealed interface CrtProxy {
    CrtProxy NONE = new None();

    /** What {@code HTTP_PROXY} and {@code HTTPS_PROXY} say; {@code NO_PROXY} is honoured. */
    CrtProxy FROM_ENVIRONMENT = new FromEnvironment();

    record None() implements CrtProxy {}

    record FromEnvironment() implements CrtProxy {}

    /** @param user null for a proxy that asks for none; never shown with the password. */
    record At(String host, int port, String user, String password) implements CrtProxy {
        public At {
            Objects.requireNonNull(host, "host");
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException("the proxy's port is out of range: " + port);
            }
        }

        @Override
        public String toString() {
            return "At[" + host + ":" + port + "]";
        }
    }

    default String describe() {
        return switch (this) {
            case None _ -> "no proxy";
            case FromEnvironment _ -> "the environment's proxy";
            case At at -> "proxy " + at.host() + ":" + at.port();
        };
    }
}
