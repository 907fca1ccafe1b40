package dev.firn.server.up;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** The log: one line a record on standard error, time in UTC; stack traces only when asked for. */
public final class OneLineLog extends Formatter {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final boolean verbose;

    OneLineLog(final boolean verbose) {
        this.verbose = verbose;
    }

    /** Sets the process' logging up; before the first logger is made. */
    public static void install(final boolean verbose) {
        System.setProperty("java.util.logging.manager", StayingLogManager.class.getName());
        final Logger root = LogManager.getLogManager().getLogger("");
        for (final Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        final Handler console = new ConsoleHandler();
        console.setFormatter(new OneLineLog(verbose));
        console.setLevel(Level.ALL);
        root.addHandler(console);
        root.setLevel(verbose ? Level.FINE : Level.INFO);
        // The JDK's own HTTP code logs each request below INFO; that is not what --verbose is for.
        Logger.getLogger("com.sun.net.httpserver").setLevel(Level.INFO);
        Logger.getLogger("sun.net").setLevel(Level.INFO);
    }

    @Override
    public String format(final LogRecord logged) {
        final StringBuilder line = new StringBuilder(160);
        line.append(TIME.format(logged.getInstant()))
                .append(' ')
                .append(level(logged.getLevel()))
                .append(' ')
                .append(logged.getLoggerName())
                .append(": ")
                .append(formatMessage(logged).replace("\n", "\\n"))
                .append('\n');
        if (verbose && logged.getThrown() != null) {
            final StringWriter trace = new StringWriter();
            logged.getThrown().printStackTrace(new PrintWriter(trace, true));
            line.append(trace);
        }
        return line.toString();
    }

    private static String level(final Level level) {
        if (level.intValue() >= Level.SEVERE.intValue()) {
            return "ERROR";
        }
        if (level.intValue() >= Level.WARNING.intValue()) {
            return "WARN ";
        }
        return level.intValue() >= Level.INFO.intValue()
                ? "INFO "
                : level.getName().toUpperCase(Locale.ROOT);
    }
}
