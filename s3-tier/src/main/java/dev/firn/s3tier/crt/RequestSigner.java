package dev.firn.s3tier.crt;

import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.store.FailureKind;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.crt.CRT;
import software.amazon.awssdk.crt.auth.credentials.CredentialsProvider;
import software.amazon.awssdk.crt.auth.signing.AwsSigner;
import software.amazon.awssdk.crt.auth.signing.AwsSigningConfig;
import software.amazon.awssdk.crt.http.HttpRequest;

/**
 * Signs requests by AWS Signature Version 4 as S3 wants it: the path encoded once and not normalised, the body's hash in a
 * header. Fetches credentials where they are to be had, and renews them in time: that is the provider's.
 */
final class RequestSigner {
    private final CrtConfig config;
    private final CredentialsProvider provider;
    private final ErrorDecoder errors;
    private final Clock clock;

    /** @param provider null for requests without a signature; borrowed. */
    RequestSigner(
            final CrtConfig config, final CredentialsProvider provider, final ErrorDecoder errors, final Clock clock) {
        this.config = config;
        this.provider = provider;
        this.errors = errors;
        this.clock = clock;
    }

    CompletableFuture<HttpRequest> sign(final WireRequest wire) {
        if (provider == null) {
            return CompletableFuture.completedFuture(wire.toHttp());
        }
        // Read by the native side before signRequest returns.
        try (AwsSigningConfig signing = new AwsSigningConfig()) {
            signing.setAlgorithm(AwsSigningConfig.AwsSigningAlgorithm.SIGV4);
            signing.setSignatureType(AwsSigningConfig.AwsSignatureType.HTTP_REQUEST_VIA_HEADERS);
            signing.setService("s3");
            signing.setRegion(config.region());
            signing.setCredentialsProvider(provider);
            signing.setTime(TimeUnit.NANOSECONDS.toMillis(clock.epochNs()));
            signing.setUseDoubleUriEncode(false);
            signing.setShouldNormalizeUriPath(false);
            signing.setSignedBodyValue(wire.bodyHash());
            signing.setSignedBodyHeader(AwsSigningConfig.AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA256);
            return AwsSigner.signRequest(wire.toHttp(), signing);
        }
    }

    /** There were no credentials to sign with, or they could not be fetched. */
    AttemptFailed failure(final AttemptRequest request, final Throwable error) {
        final int code = TransportErrors.codeOf(error);
        return Failures.refused(
                request,
                FailureKind.DENIED,
                errors.retryOfDoubtedCredentials(),
                "there are no usable " + config.credentials().describe()
                        + "; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile, or a role for this host ("
                        + (code == 0 ? error : CRT.awsErrorName(code)) + ")");
    }
}
