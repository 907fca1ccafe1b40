package dev.firn.s3tier.crt;

import java.util.List;
import software.amazon.awssdk.crt.http.HttpHeader;
import software.amazon.awssdk.crt.http.HttpRequest;

/**
 * One request as it goes over the wire, before it is signed.
 *
 * @param body null for none.
 * @param bodyHash what the signature says of the body: its SHA-256, or that it is not part of it.
 * @param checksum what the store has to have computed of the body, or null.
 */
record WireRequest(
        String method, String path, List<HttpHeader> headers, SegmentsBody body, String bodyHash, HttpHeader checksum) {
    HttpRequest toHttp() {
        return new HttpRequest(method, path, headers.toArray(HttpHeader[]::new), body);
    }

    boolean isHead() {
        return method.equals("HEAD");
    }

    /** Whether the store may have everything that it takes to act on the request, once it has been begun. */
    boolean isSent() {
        return body == null || body.isSent();
    }
}
