package dev.firn.s3tier.crt;

import dev.firn.s3tier.backend.AttemptRequest.Part;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The two bodies of XML that S3's API asks for. */
final class RequestXml {
    private static final String NAMESPACE = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

    private RequestXml() {}

    static byte[] completeUpload(final List<Part> parts, final boolean withCrc32c) {
        final StringBuilder xml = new StringBuilder(64 + parts.size() * 128);
        xml.append("<CompleteMultipartUpload ").append(NAMESPACE).append('>');
        for (final Part part : parts) {
            xml.append("<Part>");
            if (withCrc32c) {
                element(xml, "ChecksumCRC32C", BodyChecksums.encodeCrc32c(part.crc32c()));
            }
            element(xml, "ETag", part.etag());
            element(xml, "PartNumber", Integer.toString(part.partNumber()));
            xml.append("</Part>");
        }
        return bytes(xml.append("</CompleteMultipartUpload>"));
    }

    /** Quiet: the answer names only what could not be removed. */
    static byte[] delete(final List<String> keys) {
        final StringBuilder xml = new StringBuilder(64 + keys.size() * 96);
        xml.append("<Delete ").append(NAMESPACE).append('>');
        for (final String key : keys) {
            xml.append("<Object>");
            element(xml, "Key", key);
            xml.append("</Object>");
        }
        element(xml, "Quiet", "true");
        return bytes(xml.append("</Delete>"));
    }

    private static void element(final StringBuilder xml, final String name, final String text) {
        xml.append('<').append(name).append('>');
        for (int i = 0; i < text.length(); i++) {
            final char c = text.charAt(i);
            switch (c) {
                case '&' -> xml.append("&amp;");
                case '<' -> xml.append("&lt;");
                case '>' -> xml.append("&gt;");
                case '"' -> xml.append("&quot;");
                default -> xml.append(c);
            }
        }
        xml.append("</").append(name).append('>');
    }

    private static byte[] bytes(final StringBuilder xml) {
        return xml.toString().getBytes(StandardCharsets.UTF_8);
    }
}
