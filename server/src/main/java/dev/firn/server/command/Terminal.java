package dev.firn.server.command;

/** What is known about where the output goes. */
final class Terminal {
    private Terminal() {}

    /** Whether standard input and output are a terminal that wants colours (https://no-color.org). */
    static boolean wantsColour() {
        final String noColour = System.getenv("NO_COLOR");
        return (noColour == null || noColour.isEmpty())
                && System.console() != null
                && System.console().isTerminal();
    }
}
