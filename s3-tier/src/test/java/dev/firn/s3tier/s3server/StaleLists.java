package dev.firn.s3tier.s3server;

import java.util.LinkedHashMap;
import java.util.Map;

/** The lists that a server with {@link ServerTrait#STALE_LISTS} has answered once, and answers for ever. */
final class StaleLists {
    private static final int MOST = 256;

    private final Map<String, Answer> answers = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(final Map.Entry<String, Answer> eldest) {
            return size() > MOST;
        }
    };

    /** What was answered. */
    record Answer(HttpHead head, byte[] body) {}

    static boolean isList(final HttpHead request) {
        return request.method().equals("GET") && (request.asks("list-type") || request.asks("uploads"));
    }

    synchronized Answer find(final HttpHead request) {
        return answers.get(request.target());
    }

    synchronized void keep(final HttpHead request, final Answer answer) {
        answers.put(request.target(), answer);
    }

    synchronized void forget() {
        answers.clear();
    }
}
