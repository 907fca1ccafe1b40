package dev.firn.walquorum.pgwire;

/** Names and texts as the replication grammar takes them: repl_scanner.l, which knows no escapes but a doubled quote. */
final class Quoting {
    private Quoting() {}

    static String identifier(final String name) {
        return quote(name, '"');
    }

    static String literal(final String text) {
        return quote(text, '\'');
    }

    private static String quote(final String text, final char mark) {
        final String quote = String.valueOf(mark);
        return quote + text.replace(quote, quote + quote) + quote;
    }
}
