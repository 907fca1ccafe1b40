package dev.firn.transport.request;

import dev.firn.transport.counter.CounterName;

/** What a {@link RequestClient} counts. */
public enum RequestClientCounter implements CounterName {
    REQUESTS("Requests that were sent"),
    BATCHES("Messages in which several of them were sent"),
    RESPONSES("Answers that a request waited for"),
    TIMED_OUT("Requests whose time was over"),
    REFUSED("Requests that a server had no room for, or that were too long for it"),
    CANCELLED("Requests that were given up"),
    IN_FLIGHT_FULL("Requests not taken because too many had no answer yet"),
    BACK_PRESSURED("Messages that the endpoint had no room for"),
    NOT_CONNECTED("Messages for which nobody listened at the other end"),
    DROPPED_LATE("Answers that nobody waits for any more, or that came twice"),
    DROPPED_MALFORMED("Answers that end before they should, or come from another node than was asked"),
    DROPPED_WRONG_VERSION("Answers of neither this version of the schema nor the one before");

    private final String help;

    RequestClientCounter(final String help) {
        this.help = help;
    }

    @Override
    public String help() {
        return help;
    }
}
