package dev.firn.s3tier.s3server;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page of a list as S3 gives it, made of all that S3Mock lists below the prefix: in the order of UTF-8 bytes, with common prefixes
 * that count as keys (S3 API Reference, "ListObjectsV2"). S3Mock orders by UTF-16, and counts keys alone.
 */
final class S3MockLists {
    private static final Pattern CONTENTS = Pattern.compile("<Contents>.*?</Contents>", Pattern.DOTALL);
    private static final Pattern KEY = Pattern.compile("<Key>(.*?)</Key>", Pattern.DOTALL);
    private static final Comparator<String> UTF_8_ORDER = (left, right) ->
            Arrays.compareUnsigned(left.getBytes(StandardCharsets.UTF_8), right.getBytes(StandardCharsets.UTF_8));

    /** More than any test has. */
    private static final int ALL_KEYS = 1_000_000;

    private static final int DEFAULT_PAGE = 1_000;

    private final HttpHead request;
    private final boolean urlEncoded;
    private final String prefix;
    private final String delimiter;
    private final String after;
    private final int maxKeys;

    S3MockLists(final HttpHead request) {
        this.request = request;
        urlEncoded = "url".equals(request.parameter("encoding-type"));
        prefix = decoded("prefix");
        delimiter = decoded("delimiter");
        final String token = request.parameter("continuation-token");
        after = token == null
                ? decoded("start-after")
                : new String(HexFormat.of().parseHex(token), StandardCharsets.UTF_8);
        final String most = request.parameter("max-keys");
        maxKeys = most == null ? DEFAULT_PAGE : Math.min(DEFAULT_PAGE, Integer.parseInt(most));
    }

    static boolean isList(final HttpHead request) {
        return request.method().equals("GET") && "2".equals(request.parameter("list-type"));
    }

    /** What to ask S3Mock for. */
    HttpHead requestOfAll() {
        final String rawPrefix = request.parameter("prefix");
        return request.withTarget(request.path() + "?list-type=2&max-keys=" + ALL_KEYS
                + (rawPrefix == null ? "" : "&prefix=" + rawPrefix)
                + (urlEncoded ? "&encoding-type=url" : ""));
    }

    /** The page, made of what S3Mock has answered. */
    byte[] page(final byte[] all) {
        final TreeMap<String, String> keys = new TreeMap<>(UTF_8_ORDER);
        final Matcher contents = CONTENTS.matcher(new String(all, StandardCharsets.UTF_8));
        while (contents.find()) {
            final Matcher key = KEY.matcher(contents.group());
            if (key.find()) {
                keys.put(spelledOut(key.group(1)), contents.group());
            }
        }
        final StringBuilder entries = new StringBuilder();
        String last = null;
        String folded = null;
        int count = 0;
        boolean truncated = false;
        for (final String key : (after.isEmpty() ? keys : keys.tailMap(after, false)).keySet()) {
            final int end = delimiter.isEmpty() ? -1 : key.indexOf(delimiter, prefix.length());
            final String common = end < 0 ? null : key.substring(0, end + delimiter.length());
            if (common != null && (common.equals(folded) || after.equals(common))) {
                continue;
            }
            if (count == maxKeys) {
                truncated = true;
                break;
            }
            entries.append(
                    common == null
                            ? keys.get(key)
                            : "<CommonPrefixes><Prefix>" + spelled(common) + "</Prefix></CommonPrefixes>");
            folded = common;
            last = common == null ? key : common;
            count++;
        }
        return ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                        + "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>"
                        + request.path().substring(1) + "</Name><Prefix>" + spelled(prefix) + "</Prefix>"
                        + (urlEncoded ? "<EncodingType>url</EncodingType>" : "")
                        + "<KeyCount>" + count + "</KeyCount><MaxKeys>" + maxKeys + "</MaxKeys><IsTruncated>"
                        + truncated
                        + "</IsTruncated>"
                        + (truncated
                                ? "<NextContinuationToken>"
                                        + HexFormat.of().formatHex(last.getBytes(StandardCharsets.UTF_8))
                                        + "</NextContinuationToken>"
                                : "")
                        + entries + "</ListBucketResult>")
                .getBytes(StandardCharsets.UTF_8);
    }

    private String decoded(final String parameter) {
        final String value = request.parameter(parameter);
        return value == null ? "" : URLDecoder.decode(value, StandardCharsets.UTF_8);
    }

    private String spelledOut(final String text) {
        return urlEncoded
                ? URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8)
                : text.replace("&lt;", "<")
                        .replace("&gt;", ">")
                        .replace("&quot;", "\"")
                        .replace("&apos;", "'")
                        .replace("&amp;", "&");
    }

    private String spelled(final String text) {
        return urlEncoded
                ? URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20")
                : text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
