package dev.firn.pagestore.service;

/** Hears what became of the wish to keep an LSN readable. */
@FunctionalInterface
public interface HoldHandler {
    /** @param refusal null when it is kept, durably; else why not. */
    void onHeld(String refusal);
}
