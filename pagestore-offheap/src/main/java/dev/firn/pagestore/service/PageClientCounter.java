package dev.firn.pagestore.service;

import dev.firn.transport.counter.CounterName;

/** What a {@link PageClient} counts. */
public enum PageClientCounter implements CounterName {
    PAGES("Pages that came"),
    ANSWERS("Requests that were answered"),
    REFUSED("Requests that the server refused"),
    FAILED("Requests without an answer"),
    MALFORMED("Answers that make no sense, each told as damaged");

    private final String help;

    PageClientCounter(final String help) {
        this.help = help;
    }

    @Override
    public String help() {
        return help;
    }
}
