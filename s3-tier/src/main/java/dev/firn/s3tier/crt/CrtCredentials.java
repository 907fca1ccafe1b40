package dev.firn.s3tier.crt;

import java.nio.file.Path;
import java.util.Objects;

/** Who the store is told that we are. Only {@link Fixed} holds a secret, and never shows it. */
public sealed interface CrtCredentials {
    /**
     * The usual chain: environment, profile files, web identity, container, instance, in this order. Found ones are kept until
     * they expire, or for 15 minutes.
     */
    CrtCredentials CHAIN = new Chain();

    /** Requests are not signed. */
    CrtCredentials ANONYMOUS = new Anonymous();

    record Chain() implements CrtCredentials {}

    /**
     * One profile of the configuration files.
     *
     * @param name null for the one that {@code AWS_PROFILE} names, or {@code default}.
     * @param configFile null for {@code AWS_CONFIG_FILE}, or {@code ~/.aws/config}.
     * @param credentialsFile null for {@code AWS_SHARED_CREDENTIALS_FILE}, or {@code ~/.aws/credentials}.
     */
    record Profile(String name, Path configFile, Path credentialsFile) implements CrtCredentials {}

    /** @param sessionToken null for keys that last. */
    record Fixed(String accessKeyId, String secretAccessKey, String sessionToken) implements CrtCredentials {
        public Fixed {
            Objects.requireNonNull(accessKeyId, "accessKeyId");
            Objects.requireNonNull(secretAccessKey, "secretAccessKey");
        }

        @Override
        public String toString() {
            return "Fixed[" + accessKeyId + "]";
        }
    }

    record Anonymous() implements CrtCredentials {}

    /** One or two words for a log. */
    default String describe() {
        return switch (this) {
            case Chain _ -> "credentials of the usual chain";
            case Profile profile ->
                profile.name() == null ? "credentials of the profile" : "credentials of profile " + profile.name();
            case Fixed fixed -> "credentials of access key " + fixed.accessKeyId();
            case Anonymous _ -> "no credentials";
        };
    }
}
