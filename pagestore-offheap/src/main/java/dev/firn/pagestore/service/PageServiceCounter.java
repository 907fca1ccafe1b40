package dev.firn.pagestore.service;

import dev.firn.transport.counter.CounterName;

/** What a {@link PageService} counts. */
public enum PageServiceCounter implements CounterName {
    PAGES("Pages that were sent"),
    PAGE_REQUESTS("Requests for one page that were answered"),
    BATCH_REQUESTS("Requests for several pages that were answered, segments of SLRUs among them"),
    OTHER_REQUESTS("Other requests that were answered"),
    WAITED("Requests that waited for ingest"),
    REFUSED_NOT_YET("Requests refused because their LSN was not ingested in time"),
    REFUSED_BEFORE_HISTORY("Requests refused because their LSN is before the history window"),
    REFUSED_ABSENT("Requests refused because there is nothing of the name"),
    REFUSED_DAMAGED("Requests refused because of damage"),
    REFUSED_OTHER("Requests refused for another reason"),
    ABANDONED("Requests that their client gave up, or whose time was over, before they were answered");

    private final String help;

    PageServiceCounter(final String help) {
        this.help = help;
    }

    @Override
    public String help() {
        return help;
    }
}
