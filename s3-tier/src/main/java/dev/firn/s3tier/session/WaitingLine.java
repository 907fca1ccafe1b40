package dev.firn.s3tier.session;

/** The requests of a session that wait for room, first come first served. Linked through the requests themselves. */
final class WaitingLine {
    private Request first;
    private Request last;

    boolean isEmpty() {
        return first == null;
    }

    Request first() {
        return first;
    }

    void add(final Request request) {
        request.before = last;
        request.behind = null;
        if (last == null) {
            first = request;
        } else {
            last.behind = request;
        }
        last = request;
    }

    void remove(final Request request) {
        if (request.before == null) {
            first = request.behind;
        } else {
            request.before.behind = request.behind;
        }
        if (request.behind == null) {
            last = request.before;
        } else {
            request.behind.before = request.before;
        }
        request.before = null;
        request.behind = null;
    }
}
