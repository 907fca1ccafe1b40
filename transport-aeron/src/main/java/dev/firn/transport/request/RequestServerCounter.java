package dev.firn.transport.request;

import dev.firn.transport.counter.CounterName;

/** What a {@link RequestServer} counts. */
public enum RequestServerCounter implements CounterName {
    REQUESTS("Requests that were queued"),
    ANSWERED_ON_ARRIVAL("Requests that were answered as they came, and never queued"),
    RESPONSES("Answers that were sent"),
    REFUSED_OVERLOADED("Requests refused because their client had too many"),
    REFUSED_TOO_LONG("Requests refused because they were too long"),
    CANCELLED("Requests that their client gave up"),
    TIMED_OUT("Requests whose time was over before they were answered"),
    BACK_PRESSURED("Answers that the endpoint had no room for; they are tried again by whoever gives them"),
    DROPPED_DUPLICATE("Requests that are queued or in progress already"),
    DROPPED_UNKNOWN_CLIENT("Requests of nodes beyond the limit of clients"),
    DROPPED_MALFORMED("Messages that end before they should"),
    DROPPED_WRONG_VERSION("Messages of neither this version of the schema nor the one before");

    private final String help;

    RequestServerCounter(final String help) {
        this.help = help;
    }

    @Override
    public String help() {
        return help;
    }
}
