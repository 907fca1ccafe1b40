package dev.firn.s3tier.crt;

import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.store.FailureKind;
import software.amazon.awssdk.crt.CRT;
import software.amazon.awssdk.crt.CrtRuntimeException;
import software.amazon.awssdk.crt.http.HttpException;

/** What the CRT's error codes mean, in sentences that say what to do. Codes are told apart by name: numbers are not promised. */
final class TransportErrors {
    private final CrtConfig config;
    private final Addressing addressing;

    TransportErrors(final CrtConfig config, final Addressing addressing) {
        this.config = config;
        this.addressing = addressing;
    }

    /** No connection was to be had: nothing was sent. */
    AttemptFailed unconnected(final Throwable error) {
        return failure(codeOf(error), Effect.NONE, error);
    }

    /**
     * The connection broke after the request had been begun.
     *
     * @param sent whether the store may have the whole request.
     */
    AttemptFailed broken(final AttemptRequest request, final int code, final boolean sent) {
        final boolean unclear = sent && RequestKinds.isWrite(request);
        return failure(code, unclear ? Effect.UNKNOWN : Effect.NONE, null);
    }

    private AttemptFailed failure(final int code, final Effect effect, final Throwable error) {
        final String name = code == 0 ? "" : CRT.awsErrorName(code);
        final String where = addressing.connectTo().toString();
        final String what = switch (name) {
            case "AWS_IO_SOCKET_CONNECTION_REFUSED" -> "nothing listens at " + where + "; is the store up?";
            case "AWS_IO_SOCKET_TIMEOUT" -> where + " does not answer; check address, network and firewall";
            case "AWS_IO_SOCKET_NO_ROUTE_TO_HOST", "AWS_IO_SOCKET_NETWORK_DOWN" -> "no way leads to " + where;
            case "AWS_IO_DNS_QUERY_FAILED",
                    "AWS_IO_DNS_INVALID_NAME",
                    "AWS_IO_DNS_HOST_REMOVED_FROM_CACHE",
                    "AWS_IO_DNS_QUERY_AGAIN",
                    "AWS_IO_DNS_NO_ADDRESS_FOR_HOST" ->
                "no address is known for " + addressing.connectTo().getHost()
                        + "; check the endpoint's name, and style=path if the bucket's name stands before it";
            case "AWS_ERROR_HTTP_PROXY_CONNECT_FAILED", "AWS_ERROR_HTTP_PROXY_CONNECT_FAILED_RETRYABLE" ->
                "the proxy makes no connection to " + where + "; check "
                        + config.proxy().describe();
            case "AWS_ERROR_HTTP_CONNECTION_CLOSED",
                    "AWS_IO_SOCKET_CLOSED",
                    "AWS_IO_BROKEN_PIPE",
                    "AWS_IO_TLS_ALERT_NOT_GRACEFUL",
                    "AWS_IO_TLS_CLOSED_ABORT",
                    "AWS_IO_TLS_CLOSED_GRACEFUL",
                    "AWS_IO_TLS_ERROR_READ_FAILURE",
                    "AWS_IO_TLS_ERROR_WRITE_FAILURE",
                    "AWS_ERROR_HTTP_SERVER_CLOSED" -> where + " closed the connection before its answer was whole";
            case "AWS_ERROR_HTTP_PROTOCOL_ERROR" ->
                "what answers at " + where + " does not speak HTTP as it should"
                        + (addressing.isTls() ? "" : "; if it speaks TLS, write https");
            case "AWS_ERROR_HTTP_CONNECTION_MANAGER_ACQUISITION_TIMEOUT" ->
                "no connection became free in time; raise the limit on connections";
            default ->
                isTls(name)
                        ? "TLS with " + where + " failed: it speaks none, or its certificate is not trusted; name the"
                                + " authority that signed it by the setting ca"
                                + (config.caFile() == null ? "" : " (now " + config.caFile() + ")")
                        : "the connection to " + where + " failed";
        };
        final String detail = code == 0 ? String.valueOf(error) : name + ": " + CRT.awsErrorString(code);
        return new AttemptFailed(
                FailureKind.UNREACHABLE,
                effect,
                code == 0 ? Retry.NEVER : Retry.LATER,
                0,
                what + " (" + detail + ")",
                "");
    }

    static int codeOf(final Throwable error) {
        return switch (error) {
            case HttpException http -> http.getErrorCode();
            case CrtRuntimeException crt -> crt.errorCode;
            case null, default -> 0;
        };
    }

    private static boolean isTls(final String name) {
        return name.startsWith("AWS_IO_TLS_");
    }
}
