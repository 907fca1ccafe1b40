package dev.firn.s3tier.s3server;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;

/** Makes buckets. */
final class Buckets {
    private Buckets() {}

    static void create(final S3Server server, final String bucket) throws IOException {
        try (RawS3Client client = new RawS3Client(server)) {
            final HttpResponse<byte[]> answer = client.put("/" + bucket, new byte[0]);
            if (answer.statusCode() != 200 && answer.statusCode() != 409) {
                throw new IOException("the bucket " + bucket + " could not be made: " + answer.statusCode() + " "
                        + new String(answer.body(), StandardCharsets.UTF_8));
            }
        }
    }
}
