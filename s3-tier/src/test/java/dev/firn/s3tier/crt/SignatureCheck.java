package dev.firn.s3tier.crt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Checks a signature as S3 does, from what arrived (AWS Signature Version 4, "Authenticating requests: using the Authorization
 * header"): the path is taken as it stands in the request line, which is right only when the client encoded it once.
 */
final class SignatureCheck {
    private static final Pattern AUTHORIZATION = Pattern.compile(
            "AWS4-HMAC-SHA256 Credential=([^/]+)/(\\d{8})/([^/]+)/s3/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})");

    private SignatureCheck() {}

    static void requireSigned(final WireServer.Seen request, final String secret, final String region) {
        final Matcher authorization = AUTHORIZATION.matcher(String.valueOf(request.header("Authorization")));
        assertThat(authorization.matches())
                .as("authorization: " + request.headers())
                .isTrue();
        assertThat(authorization.group(3)).isEqualTo(region);
        final List<String> signed = Arrays.asList(authorization.group(4).split(";", -1));
        assertThat(signed).contains("host", "x-amz-date", "x-amz-content-sha256");
        final int question = request.target().indexOf('?');
        final String path = question < 0 ? request.target() : request.target().substring(0, question);
        final String query = question < 0 ? "" : request.target().substring(question + 1);
        final String canonical = String.join(
                "\n",
                request.method(),
                path,
                Arrays.stream(query.split("&", -1))
                        .filter(each -> !each.isEmpty())
                        .map(each -> each.contains("=") ? each : each + "=")
                        .sorted()
                        .collect(Collectors.joining("&")),
                signed.stream()
                        .map(name -> name + ":" + request.header(name) + "\n")
                        .collect(Collectors.joining()),
                authorization.group(4),
                request.header("x-amz-content-sha256"));
        try {
            final String date = authorization.group(2);
            final String scope = date + "/" + region + "/s3/aws4_request";
            final String toSign =
                    "AWS4-HMAC-SHA256\n" + request.header("x-amz-date") + "\n" + scope + "\n" + hash(canonical);
            byte[] key = mac(("AWS4" + secret).getBytes(StandardCharsets.UTF_8), date);
            for (final String part : new String[] {region, "s3", "aws4_request"}) {
                key = mac(key, part);
            }
            assertThat(HexFormat.of().formatHex(mac(key, toSign)))
                    .as("signature of " + canonical)
                    .isEqualTo(authorization.group(5));
        } catch (final GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static String hash(final String text) throws GeneralSecurityException {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static byte[] mac(final byte[] key, final String text) throws GeneralSecurityException {
        final Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }
}
