package dev.firn.walquorum.follow;

/** Following cannot go on until somebody has done what the message says. */
final class FollowFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FollowFailedException(final String sentence) {
        super(sentence);
    }
}
