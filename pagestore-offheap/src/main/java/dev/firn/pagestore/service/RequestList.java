package dev.firn.pagestore.service;

/** Requests in the order in which they were added; any of them leaves at once. A request is in one list at most. */
final class RequestList {
    private PageRequest first;
    private PageRequest last;

    PageRequest first() {
        return first;
    }

    boolean isEmpty() {
        return first == null;
    }

    void add(final PageRequest request) {
        if (request.list != null) {
            throw new IllegalStateException("request " + request.slot + " is in a list already");
        }
        request.list = this;
        request.previous = last;
        request.next = null;
        if (last == null) {
            first = request;
        } else {
            last.next = request;
        }
        last = request;
    }

    void remove(final PageRequest request) {
        if (request.list != this) {
            throw new IllegalStateException("request " + request.slot + " is not in this list");
        }
        if (request.previous == null) {
            first = request.next;
        } else {
            request.previous.next = request.next;
        }
        if (request.next == null) {
            last = request.previous;
        } else {
            request.next.previous = request.previous;
        }
        request.list = null;
        request.previous = null;
        request.next = null;
    }
}
