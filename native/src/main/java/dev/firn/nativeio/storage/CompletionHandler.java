package dev.firn.nativeio.storage;

/** Receives completions from {@link Ring#poll}. May submit further operations to the same ring, but not poll it. */
@FunctionalInterface
public interface CompletionHandler {
    /**
     * @param completion borrowed for the length of the call; never keep it.
     */
    void onCompletion(Completion completion);
}
